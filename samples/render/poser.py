"""From hip, knee, ankle, trunk and arm goals to a rotation and a position for each bone."""
import numpy as np
from geometry import D, F, U, X, align, angle, bisect, rot_axis, rot_x, rot_z, sign, slerp, unit
from truth import fppa


class Poser:
    def __init__(self, body):
        self.body, self.bones, self.joint = body, body.bones, body.joint
        J = self.joint
        self.shank = {k: np.linalg.norm(J[k + '-ankle'] - J[k + '-knee']) for k in 'lr'}
        self.thigh = {k: np.linalg.norm(J[k + '-knee'] - J[k + '-upper-leg']) for k in 'lr'}
        self.hip_offset = {k: J[k + '-upper-leg'] - self.bones['pelvis']['head'] for k in 'lr'}
        self.ankle_z = J['l-ankle'][2]

    def build(self, pelvis, Rpelvis, Rchest, legs, arms, Rhead):
        """legs[k] = dict(hip, knee, ankle, axis[, axis_s], Rfoot or Rfoot_rel[, Rball]); returns R, H by bone"""
        b, J = self.bones, self.joint
        R, H = {'Root': np.eye(3), 'pelvis': Rpelvis}, {'Root': b['Root']['head'].copy(), 'pelvis': pelvis}

        def child(n):
            p = b[n]['parent']
            return H[p] + R[p] @ (b[n]['head'] - b[p]['head'])
        for n, t in (('spine_01', .25), ('spine_02', .6), ('spine_03', 1.)):
            R[n], H[n] = slerp(Rpelvis, Rchest, t), child(n)
        R['neck_01'], H['neck_01'] = slerp(Rchest, Rhead, .5), child('neck_01')
        R['head'], H['head'] = Rhead, child('head')
        for k in 'lr':
            L = legs[k]
            hip, knee, ankle = L['hip'], L['knee'], L['ankle']
            R['thigh_' + k] = align(J[k + '-knee'] - J[k + '-upper-leg'], X, knee - hip, L['axis'])
            R['calf_' + k] = align(J[k + '-ankle'] - J[k + '-knee'], X, ankle - knee, L.get('axis_s', L['axis']))
            R['foot_' + k] = L['Rfoot'] if L.get('Rfoot') is not None else R['calf_' + k] @ L['Rfoot_rel']
            R['ball_' + k] = L['Rball'] if L.get('Rball') is not None else R['foot_' + k]
            H['thigh_' + k], H['calf_' + k], H['foot_' + k] = hip, knee, ankle
            H['ball_' + k] = ankle + R['foot_' + k] @ (b['ball_' + k]['head'] - b['foot_' + k]['head'])
            R['clavicle_' + k], H['clavicle_' + k] = Rchest, child('clavicle_' + k)
            H['upperarm_' + k] = child('upperarm_' + k)
            self.arm(R, H, k, arms[k] if isinstance(arms, dict) else arms)
        for n in self.body.order:
            if n not in R:
                R[n], H[n] = R[b[n]['parent']], child(n)
        return R, H

    # ---------------------------------------------------------------- arms
    def arm(self, R, H, k, style):
        J = self.joint
        e0, f0 = J[k + '-elbow'] - J[k + '-shoulder'], J[k + '-hand'] - J[k + '-elbow']
        upper, fore = np.linalg.norm(e0), np.linalg.norm(f0)
        shoulder = H['upperarm_' + k]
        wrist, pole, hand = self.arm_goal(style, k, shoulder, upper + fore, H['pelvis'], R['pelvis'], R['spine_03'])
        v = wrist - shoulder
        d = min(np.linalg.norm(v), .999 * (upper + fore))
        v = unit(v)
        ca = (upper * upper + d * d - fore * fore) / (2 * upper * d)
        elbow = shoulder + upper * (ca * v + np.sqrt(max(0, 1 - ca * ca)) * unit(pole - v * (pole @ v)))
        wrist = shoulder + v * d
        n0, n1 = unit(np.cross(e0, f0)), np.cross(elbow - shoulder, wrist - elbow)
        n1 = unit(n1) if np.linalg.norm(n1) > 1e-6 else n0
        R['upperarm_' + k] = align(e0, n0, elbow - shoulder, n1)
        R['lowerarm_' + k], H['lowerarm_' + k] = align(f0, n0, wrist - elbow, n1), elbow
        R['hand_' + k], H['hand_' + k] = R['lowerarm_' + k], wrist
        if hand is not None:
            b = self.bones['hand_' + k]
            now = unit(R['hand_' + k] @ (b['tail'] - b['head']))
            axis = np.cross(now, unit(hand))
            if np.linalg.norm(axis) > 1e-6:
                R['hand_' + k] = rot_axis(axis, min(angle(now, hand), 70)) @ R['hand_' + k]

    def arm_goal(self, style, k, shoulder, length, pelvis, Rpelvis, Rchest):
        """wrist target, elbow pole, hand direction (or None). Styles: 'hips', 'front', 'clasp', 'side',
        ('swing', degrees forward) and ('between', style a, style b, part of the way)"""
        sg = sign(k)
        if style == 'hips':
            return (pelvis + Rpelvis @ (self.hip_offset[k] + np.array([sg * .112, -.01, .12])),
                    Rchest @ np.array([sg * .8, .75, 0.]), Rpelvis @ np.array([-sg * .45, -.85, -.35]))
        if style == 'front':
            return shoulder + np.array([-sg * .06, -.975 * length, -.03]), np.array([sg * .5, 0, -1.]), None
        if style == 'clasp':
            return (shoulder + Rchest @ np.array([-sg * .12, -.30, -.12]),
                    Rchest @ np.array([sg * .7, .1, -1.]), Rchest @ np.array([-sg * .35, -.3, .8]))
        if style == 'side':
            style = ('swing', 0.)
        if style[0] == 'swing':
            a = style[1]
            hang = np.array([sg * .16, -.06, -length * (.955 - .0009 * abs(a))])
            return shoulder + rot_x(-a) @ hang, np.array([sg * .4, 1., 0]), None
        _, a, b, t = style
        A, B = (self.arm_goal(q, k, shoulder, length, pelvis, Rpelvis, Rchest) for q in (a, b))
        if t <= 0 or t >= 1:
            return A if t <= 0 else B
        down = np.array([0, -.15, -1.])
        hand = [down if q[2] is None else q[2] for q in (A, B)]
        around = np.array([sg * .07, -.05, 0]) * np.sin(np.pi * t)
        return (A[0] + (B[0] - A[0]) * t + around, unit(A[1]) * (1 - t) + unit(B[1]) * t, hand[0] * (1 - t) + hand[1] * t)

    # ---------------------------------------------------------------- legs
    def leg_up(self, k, ankle, flex, phi, shank_fwd, lean, toe_out=0):
        """a standing leg from its ankle upward: 3D knee flexion, frontal plane projection angle phi (+ = medial),
        shank forward, whole leg leaning sideways (+ = hip lateral of the ankle)"""
        sg, w = sign(k), .45                                   # w: the shank's part of phi
        m = -sg * X
        shank_in, thigh_in = w * phi - lean, (1 - w) * phi + lean
        shank = unit(U + m * np.tan(shank_in * D) + F * np.tan(shank_fwd * D))

        def thigh(g):
            return unit(U - m * np.tan(thigh_in * D) - F * np.tan(g * D))

        def miss(g):
            return angle(shank, thigh(g)) - flex
        g = -shank_fwd if miss(-shank_fwd) > 0 else bisect(miss, -shank_fwd, 88.)
        knee = ankle + self.shank[k] * shank
        out = rot_z(sg * toe_out) @ X
        axis = unit(np.cross(thigh(g), shank) + .15 * out)
        return dict(hip=knee + self.thigh[k] * thigh(g), knee=knee, ankle=ankle, axis=axis, axis_s=unit(axis + .5 * out),
                    Rfoot=rot_z(sg * toe_out))

    def leg_between(self, k, hip, ankle, phi=None, toe_out=0., fwd=F):
        """a leg between a given hip and ankle; the knee points along fwd, or so that the projection angle is phi"""
        a, b = self.shank[k], self.thigh[k]
        v = hip - ankle
        d = min(np.linalg.norm(v), .9995 * (a + b))
        v = unit(v)
        hip = ankle + v * d
        ca = (a * a + d * d - b * b) / (2 * a * d)
        sa = np.sqrt(max(0, 1 - ca * ca))
        p0 = unit(fwd - v * (fwd @ v))

        def knee(swivel):
            return ankle + a * (ca * v + sa * (rot_axis(v, swivel) @ p0))
        swivel = 0.
        if phi is not None:
            def miss(s):
                return fppa(hip, knee(s), ankle, k) - phi
            if miss(-80.) * miss(80.) < 0:
                swivel = bisect(miss, -80., 80.)
        kn = knee(swivel)
        out = rot_z(sign(k) * toe_out) @ X
        axis = unit(np.cross(hip - kn, kn - ankle) / (a * b) + .15 * out)
        return dict(hip=hip, knee=kn, ankle=ankle, axis=axis, axis_s=unit(axis + .5 * out), Rfoot=rot_z(sign(k) * toe_out))
