"""Single poses: one leg, both legs (standing, squatting, sitting) and lunges, with the arms anywhere.

On top of the poser that the samples are rendered with (samples/render)."""
import numpy as np
from geometry import F, U, X, D, other, rot_x, rot_y, rot_z, sign, unit
from poser import Poser


class Person(Poser):
    def arm_goal(self, style, k, shoulder, length, pelvis, Rpelvis, Rchest):
        """more places for the hands; each is moved by up to a few cm, `reach`, so that no two are alike"""
        sg, hip = sign(k), pelvis + Rpelvis @ self.hip_offset[k]
        out = Rchest @ np.array([sg * .8, .5, -.3])
        jitter = np.array(self.reach['lr'.index(k)])
        goals = dict(
            low=(hip + Rpelvis @ np.array([-sg * .06, -.20, .02]), out, None),            # in front of the pelvis
            belly=(hip + Rpelvis @ np.array([-sg * .06, -.20, .18]), out, None),
            back=(hip + Rpelvis @ np.array([-sg * .05, .17, .10]), out, None),
            thighs=(hip + .65 * (self.knees[k] - hip) + np.array([0, -.02, .11]), out, None),
            open=(shoulder + Rchest @ np.array([sg * .8 * length, -.15, -.25]), np.array([0, .6, -1.]), None),
            high=(shoulder + Rchest @ np.array([sg * .1, -.35, .15]), np.array([sg, 0, -.6]), None))
        if style not in goals:
            wrist, pole, hand = super().arm_goal(style, k, shoulder, length, pelvis, Rpelvis, Rchest)
            return wrist + (.02 if style == 'hips' else .06) * jitter, pole, hand
        wrist, pole, hand = goals[style]
        return wrist + .05 * jitter, pole, hand

    def pose(self, p):
        """R, H by bone, and where a seat is needed (None: nowhere)"""
        self.reach = p['reach']
        self.knees = {}
        seat = None
        if p['kind'] == 'one_leg':
            pelvis, Rp, legs = self.one_leg(p)
        elif p['kind'] == 'lunge':
            pelvis, Rp, legs = self.lunge(p)
        else:
            pelvis, Rp, legs = self.both(p)
            if p.get('seat'):
                seat = pelvis - np.array([0, -.03, .10 * self.body.height / 1.75])
        self.knees = {k: legs[k]['knee'] for k in 'lr'}
        side = sign(p['side']) * p['lateral']
        Rchest = rot_y(side) @ rot_x(p['forward'])
        Rhead = rot_z(p['head'][0]) @ rot_y(.3 * side) @ rot_x(.3 * p['forward'] + p['head'][1])
        return (*self.build(pelvis, Rp, Rchest, legs, p['arms'], Rhead), seat)

    def pelvis_turn(self, p, drop):
        return rot_z(p['turn']) @ rot_y(drop) @ rot_x(p.get('tilt', .3) * p['forward'])

    def one_leg(self, p):
        k, o, sg = p['side'], other(p['side']), sign(p['side'])
        ankle = np.array([sg * p['foot_x'], 0, self.ankle_z])
        leg = self.leg_up(k, ankle, p['flex'], p['fppa'], p['shank'] * p['flex'], p['beta'], p['toe_out'])
        Rp = self.pelvis_turn(p, -sg * p['drop'])
        pelvis = leg['hip'] - Rp @ self.hip_offset[k]
        hip = pelvis + Rp @ self.hip_offset[o]
        deep = np.clip((p['flex'] - 7) / 53., 0, 1.5)
        a = p['free_hip'] + 14 * deep
        b = p['free_knee'] + 20 * deep - a
        out = -sg * X * np.tan(p['free_out'] * D)
        knee = hip + self.thigh[o] * unit(-U * np.cos(a * D) + F * np.sin(a * D) + out)
        ankle = knee + self.shank[o] * unit(-U * np.cos(b * D) - F * np.sin(b * D) + .5 * out)
        free = dict(hip=hip, knee=knee, ankle=ankle, axis=rot_z(-sg * 4) @ X, Rfoot=None, Rfoot_rel=rot_x(4.))
        return pelvis, Rp, {k: leg, o: free}

    def both(self, p):
        """the mid-hip `low` of a leg's length above the ankles; the lower, the further behind them"""
        length = self.thigh['l'] + self.shank['l']
        Rp = self.pelvis_turn(p, p['drop'])
        back = (1 - p['low']) * length
        if p.get('seat'):                                      # the shanks about upright
            back = np.sqrt(max(0, self.thigh['l']**2 - (p['low'] * length - self.shank['l'])**2))
        at = np.array([p['shift'], p['back'] * back, self.ankle_z + p['low'] * length])
        ankles = {k: np.array([sign(k) * p['stance'] / 2, 0, self.ankle_z]) for k in 'lr'}
        middle = .5 * Rp @ (self.hip_offset['l'] + self.hip_offset['r'])
        hips = {k: at - middle + Rp @ self.hip_offset[k] for k in 'lr'}
        for k in 'lr':                                         # as high as both legs reach
            flat = np.linalg.norm((hips[k] - ankles[k])[:2])
            at[2] -= max(0, hips[k][2] - self.ankle_z - np.sqrt(max(.01, (.998 * length)**2 - flat**2)))
        pelvis = at - middle
        legs = {}
        for k in 'lr':
            toe = sign(k) * p['toe_out']
            legs[k] = self.leg_between(k, pelvis + Rp @ self.hip_offset[k], ankles[k], toe_out=p['toe_out'],
                                       fwd=rot_z(1.2 * toe + p['knees']) @ F)
        return pelvis, Rp, legs

    def lunge(self, p):
        k, o, sg = p['side'], other(p['side']), sign(p['side'])
        leg = self.leg_up(k, np.array([sg * p['stance'] / 2, 0, self.ankle_z]), p['flex'], p['fppa'], p['shank'], 1.)
        Rp = self.pelvis_turn(p, -sg * p['drop'])
        pelvis = leg['hip'] - Rp @ self.hip_offset[k]
        ball = self.joint[o + '-foot-1'] - self.joint[o + '-ankle']
        hip = pelvis + Rp @ self.hip_offset[o]
        ankle = np.array([-sg * p['stance'] / 2, p['stride'], self.ankle_z]) + ball - rot_x(p['pitch']) @ ball
        reach = .9985 * (self.thigh[o] + self.shank[o])
        side, up = hip[0] - ankle[0], hip[2] - ankle[2]
        # a shorter step rather than a longer leg
        ankle[1] = min(ankle[1], hip[1] + np.sqrt(max(.001, reach**2 - side**2 - up**2)))
        rear = self.leg_between(o, hip, ankle, fwd=unit(F - .15 * U))
        rear.update(Rfoot=rot_x(p['pitch']), Rball=np.eye(3))
        return pelvis, Rp, {k: leg, o: rear}
