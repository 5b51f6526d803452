"""The exercises: a spec and a time in, the pose of every bone out.

pose(t) returns R, H (rotation and head position by bone) and info: rep (-1 = between), depth 0..1, phase, heading."""
import numpy as np
from geometry import D, F, U, X, align, other, rot_x, rot_y, rot_z, sign, slerp, smooth, unit


class Wobble:
    """slow random swaying, about 1 in size: nobody stands still"""

    def __init__(self, seed, n=4, fmin=.15, fmax=1.1):
        r = np.random.default_rng(seed)
        self.f, self.p, self.a = r.uniform(fmin, fmax, n), r.uniform(0, 2 * np.pi, n), r.normal(size=n) / np.sqrt(n)

    def __call__(self, t):
        return float((self.a * np.sin(2 * np.pi * self.f * t + self.p)).sum())


def make_reps(dur, period, first=.7, rest=.15, jitter=.05, seed=0, n=99):
    """[(start, length, depth)], no two quite alike"""
    r = np.random.default_rng(seed)
    t, out = first, []
    while t + period * .9 < dur and len(out) < n:
        T = period * (1 + jitter * r.uniform(-1, 1))
        out.append((t, min(T, dur - t - .05), 1 + .4 * jitter * r.uniform(-1, 1)))
        t += T + rest
    return out


class Exercise:
    def __init__(self, poser, spec):
        self.P, self.p = poser, spec
        self.k, self.o = spec['side'], other(spec['side'])     # working and other leg
        self.w = [Wobble(spec.get('seed', 1) * 31 + i) for i in range(10)]
        self.size = spec.get('wobble', 1.)

    def wobble(self, i, t, size):
        return self.size * size * self.w[i](t)

    def repetition(self, t):
        """depth 0..1 with a smooth way down, a hold and a smooth way up; which repetition, or -1"""
        for i, (t0, T, deep) in enumerate(self.p['reps']):
            if t0 <= t < t0 + T:
                u, down, hold = (t - t0) / T, self.p.get('down', .42), self.p.get('hold', .12)
                if u < down:
                    return smooth(u / down) * deep, i
                return (1. if u < down + hold else smooth((1 - u) / (1 - down - hold))) * deep, i
        return 0., -1

    def between(self, name, first, last, g):
        """spec value that goes from its standing value name0 to its value at the bottom"""
        a = self.p.get(name + '0', first)
        return a + g * (self.p.get(name, last) - a)


class SingleLegSquat(Exercise):
    """with lead_in_s: stands on both feet first, shifts its weight, lifts the other foot, and puts it down at the end"""

    def pose(self, t):
        p, P, k, o, sg = self.p, self.P, self.k, self.o, sign(self.k)
        g, rep = self.repetition(t)
        shift, lift, phase = self.on_one_leg(t)
        flex = self.between('theta', 9. if 'lead_in_s' in p else 7., 60., g) + self.wobble(0, t, .5) * (.3 + .7 * shift)
        phi = self.between('fppa', 0., 0., g) + self.wobble(1, t, .5) * (.3 + g)
        drop = (self.between('drop', 0., 0., g) + self.wobble(2, t, .4)) * (.1 + .9 * shift)
        lateral = (self.between('lat', 2., 2., g) + self.wobble(3, t, .6)) * (.2 + .8 * shift)
        forward = self.between('lean', 3., 22., g) + self.wobble(4, t, .6)
        lean = p.get('beta', 5.) * shift + p.get('beta_both', -.5) * (1 - shift) + self.wobble(5, t, .25) * (.3 + .7 * shift)
        toe_out = p.get('toeout', 6.)
        ankle = np.array([sg * p.get('footx', .07), 0, P.ankle_z])
        leg = P.leg_up(k, ankle, flex, phi, p.get('shank', .45) * flex, lean, toe_out=toe_out)
        Rp = rot_z(self.wobble(6, t, .6) * (.2 + .8 * shift)) @ rot_y(-sg * drop) @ rot_x(p.get('tilt', .30) * forward)
        pelvis = leg['hip'] - Rp @ P.hip_offset[k]
        free = self.free_leg(t, pelvis + Rp @ P.hip_offset[o], flex)
        if lift < 1:
            free = self.lifting(free, ankle - sg * p.get('stance', .20) * X, toe_out, lift)
        Rchest = rot_y(sg * lateral) @ rot_x(forward)
        Rhead = rot_y(sg * lateral * .3) @ rot_x(forward * .25 + self.wobble(9, t, 1.))
        arms = p.get('arms', 'hips')
        if 'walk_in_s' in p:
            arms = ('between', 'side', arms, float(smooth((t - p['walk_in_s'] - .1) / .8)))
        R, H = P.build(pelvis, Rp, Rchest, {k: leg, o: free}, arms, Rhead)
        return R, H, dict(rep=rep, depth=g, phase='move' if g > 0 else phase)

    def on_one_leg(self, t):
        """0..1 weight on the working leg, 0..1 other foot lifted, and the phase when not in a repetition"""
        p = self.p
        if 'lead_in_s' not in p:
            return 1., 1., 'stand'
        T = p.get('lift_s', 1.)
        up = (t - p['lead_in_s'] - p.get('walk_in_s', 0.)) / T
        t0, length, _ = p['reps'][-1]
        down = 1 - (t - t0 - length - p.get('after_s', .25)) / T
        u = float(np.clip(min(up, down), 0, 1))
        return smooth(u / .75), u, 'stand_both' if u <= 0 else 'stand' if u >= 1 else 'lift' if up < down else 'lower'

    def free_leg(self, t, hip, flex):
        """the lifted leg, lifted more the deeper the standing leg goes, so that its foot stays off the floor"""
        p, P, k = self.p, self.P, self.o
        sg, deep = sign(k), np.clip((flex - 7) / 53., 0, 1.5)
        thigh_a = p.get('free_hip', 14.) + deep * p.get('free_hip_g', 17.) + self.wobble(7, t, 1.)
        knee_a = p.get('free_knee', 76.) + deep * p.get('free_knee_g', 26.) + self.wobble(8, t, 1.5)
        out = np.tan(p.get('free_abd', 2.) * D) * sg * X
        thigh = unit(-U + F * np.tan(thigh_a * D) + out)
        b = (knee_a - thigh_a) * D
        shank = unit(-U * np.cos(b) - F * np.sin(b) + out * .5)
        knee = hip + P.thigh[k] * thigh
        return dict(hip=hip, knee=knee, ankle=knee + P.shank[k] * shank, axis=rot_z(sg * 4) @ X, Rfoot=None,
                    Rfoot_rel=rot_x(p.get('free_foot', 4.)))

    def lifting(self, up, ground, toe_out, u):
        """the free leg on its way: u = 0 flat on the floor with its ankle at ground, 1 = the pose `up`; heel first"""
        P, J, k = self.P, self.P.joint, self.o
        flat = rot_z(sign(k) * toe_out)
        ball = J[k + '-foot-1'] - J[k + '-ankle']
        tiptoe = flat @ rot_x(28 * smooth(u / .35))
        start = ground + flat @ ball - tiptoe @ ball
        x = np.clip((u - .08) / .92, 0, 1)
        v = x * x * (3 - 2 * x)
        ankle = start + (up['ankle'] - start) * v
        to_knee = unit(up['knee'] - .5 * (up['hip'] + ankle))
        leg = P.leg_between(k, up['hip'], ankle, fwd=unit(F * (1 - v) + to_knee * v), toe_out=toe_out)
        foot = align(J[k + '-ankle'] - J[k + '-knee'], X, up['ankle'] - up['knee'], up['axis']) @ up['Rfoot_rel']
        leg.update(axis=unit(leg['axis'] * (1 - v) + up['axis'] * v), axis_s=unit(leg['axis_s'] * (1 - v) + up['axis'] * v),
                   hip=up['hip'], Rfoot=slerp(tiptoe, foot, v), Rball=slerp(flat, foot, v))
        return leg


class Stance(SingleLegSquat):
    """stands on one leg for a while and does nothing: a repetition is the time with the other foot up"""

    def repetition(self, t):
        for i, (t0, T, _) in enumerate(self.p['reps']):
            if t0 <= t < t0 + T:
                return 0., i
        return 0., -1

    def on_one_leg(self, t):
        p, T = self.p, self.p.get('lift_s', .8)
        for t0, length, _ in p['reps']:                        # the foot leaves the floor early in the lifting
            up, down = (t - t0) / T + .12, (t0 + length - t) / T + .12
            u = float(np.clip(min(up, down), 0, 1))
            if u > 0:
                return smooth(u / .75), u, 'stand' if u >= 1 else 'lift' if up < down else 'lower'
        return 0., 0., 'stand_both'


class Squat(Exercise):
    def pose(self, t):
        p, P = self.p, self.P
        g, rep = self.repetition(t)
        flex = self.between('theta', 7., 80., g) + self.wobble(0, t, .5)
        forward = p.get('lean0', 2.) + g * (p.get('lean', 35.) - 2) + self.wobble(4, t, .6)
        drop = g * p.get('drop', 0.) + self.wobble(2, t, .3)
        shank = p.get('shank', .38) * flex
        a, b = P.shank['l'], P.thigh['l']
        back = -a * np.sin(shank * D) + b * np.sin((flex - shank) * D)
        half, toe_out = p.get('stance', .34) / 2, p.get('toeout', 12.)
        Rp = rot_z(self.wobble(6, t, .4)) @ rot_y(drop) @ rot_x(p.get('tilt', .35) * forward)
        reach2 = a**2 + b**2 + 2 * a * b * np.cos(flex * D)
        hip_x = self.wobble(5, t, .004) + (Rp @ P.hip_offset['l'])[0]
        hip = np.array([hip_x, back, P.ankle_z + np.sqrt(max(.01, np.sqrt(reach2)**2 - back * back - (hip_x - half)**2))])
        pelvis = hip - Rp @ P.hip_offset['l']
        phi = self.between('fppa', 0., 0., g) + self.wobble(1, t, .4) * g
        legs = {k: P.leg_between(k, pelvis + Rp @ P.hip_offset[k], np.array([sign(k) * half, 0, P.ankle_z]), phi=phi,
                                 toe_out=toe_out) for k in 'lr'}
        Rchest = rot_y(self.wobble(3, t, .5)) @ rot_x(forward)
        R, H = P.build(pelvis, Rp, Rchest, legs, p.get('arms', 'front'), rot_x(forward * .3))
        return R, H, dict(rep=rep, depth=g, phase='move' if g > 0 else 'stand')


class Lunge(Exercise):
    """a step forward (backward: the other foot steps back), down, up, and back to standing; the paths are laid out once,
    at RATE, and read by time"""
    RATE = 120.
    BACKWARD = False

    def __init__(self, poser, spec):
        super().__init__(poser, spec)
        p, P, k, o, sg = self.p, self.P, self.k, self.o, sign(self.k)
        n = int(p['dur'] * self.RATE) + 2
        tt = np.arange(n) / self.RATE
        half = p.get('stance', .20) / 2
        stand_ankle = np.array([sg * half, 0, P.ankle_z])
        stride = F * p.get('stride', .8)
        bottom = P.leg_up(k, stand_ankle + (0 if self.BACKWARD else stride), p['theta'], p.get('fppa', 0.), p['shank_deg'],
                          p.get('beta', 1.))['hip'] - P.hip_offset[k]
        flex0 = p.get('theta0', 6.)
        stand = P.leg_up(k, stand_ankle, flex0, 0, flex0 * .45, -2.)['hip'] - P.hip_offset[k]
        stand[0], bottom[0] = 0, sg * half * .35
        foot, lift, fwd, low, pitch = (np.zeros(n) for _ in range(5))
        rep = -np.ones(n, int)
        for i, (t0, T, _) in enumerate(p['reps']):
            m = (tt >= t0) & ((tt - t0) / T < 1)
            u = (tt[m] - t0) / T
            rep[m] = i
            foot[m] = smooth((u - .05) / .28) * (1 - smooth((u - .69) / .27))
            swing = np.where(u < .5, np.sin(np.pi * np.clip((u - .05) / .28, 0, 1)), np.sin(np.pi * np.clip((u - .69) / .27, 0, 1)))
            lift[m] = np.maximum(swing, 0) * p.get('foot_lift', .09)
            fwd[m] = smooth((u - .08) / .38) * (1 - smooth((u - .58) / .36))
            low[m] = smooth((u - .16) / .30) * (1 - smooth((u - .56) / .30))
            pitch[m] = smooth((u - .18) / .25) * (1 - smooth((u - .58) / .27))
        pelvis = stand + (bottom - stand) * np.stack([fwd, fwd, low], 1)
        front = stand_ankle + (0 if self.BACKWARD else stride) * foot[:, None]
        front[:, 2] += 0 if self.BACKWARD else lift
        pitch *= p.get('rear_pitch', 50.)
        ball = P.joint[o + '-foot-1'] - P.joint[o + '-ankle']  # the rear foot turns about its ball
        rear = np.array([np.array([-sg * half, 0, P.ankle_z]) + ball - rot_x(a) @ ball for a in pitch])
        if self.BACKWARD:
            rear -= stride * foot[:, None]
            rear[:, 2] += lift
            lift = 0 * lift

        def highest(ankle, offset):
            hip = offset + pelvis
            reach = (P.shank[k] + P.thigh[k]) * .9985
            flat2 = (hip[:, 0] - ankle[:, 0])**2 + (hip[:, 1] - ankle[:, 1])**2
            return ankle[:, 2] + np.sqrt(np.maximum(reach * reach - flat2, .01)) - offset[2]
        kernel = np.exp(-.5 * (np.arange(-18, 19) / 7.)**2)
        kernel /= kernel.sum()
        for i in range(6):                                     # as high as both legs reach, and smooth
            pelvis[:, 2] = np.minimum(pelvis[:, 2], np.minimum(highest(front, P.hip_offset[k]), highest(rear, P.hip_offset[o])))
            if i < 5:
                pelvis[:, 2] = np.convolve(np.pad(pelvis[:, 2], 18, mode='edge'), kernel, 'valid')
        self.tt, self.rep, self.path = tt, rep, np.column_stack([pelvis, front, rear, pitch, low, lift])

    def pose(self, t):
        p, P, k, o, sg = self.p, self.P, self.k, self.o, sign(self.k)
        now = np.array([np.interp(t, self.tt, c) for c in self.path.T])
        pelvis, front, rear, (pitch, g, lift) = now[:3], now[3:6], now[6:9], now[9:]
        rep = int(self.rep[min(int(t * self.RATE), len(self.rep) - 1)])
        pelvis = pelvis + np.array([self.wobble(0, t, .003), self.wobble(1, t, .003), -.002 - self.wobble(2, t, .002)])
        forward = self.between('lean', 3., 8., g) + self.wobble(4, t, .6)
        Rp = rot_z(self.wobble(6, t, .5)) @ rot_y(self.wobble(5, t, .4)) @ rot_x(.4 * forward + g * p.get('tilt_b', 4.))
        toe_out = p.get('toeout', 3.)
        a = P.leg_between(k, pelvis + Rp @ P.hip_offset[k], front, phi=p.get('fppa', 0.) * g if g > .3 else None, toe_out=toe_out)
        a['Rfoot'] = rot_z(sg * toe_out) @ rot_x(np.clip(lift / .09, 0, 1) * p.get('swing_pitch', -8.))
        b = P.leg_between(o, pelvis + Rp @ P.hip_offset[o], rear, toe_out=toe_out, fwd=unit(F - .15 * U) if g > .2 else F)
        b.update(Rfoot=rot_x(pitch), Rball=np.eye(3))
        Rchest = rot_y(self.wobble(3, t, .6)) @ rot_x(forward)
        R, H = P.build(pelvis, Rp, Rchest, {k: a, o: b}, p.get('arms', 'hips'), rot_x(forward * .3))
        return R, H, dict(rep=rep, depth=g, phase='move' if rep >= 0 else 'stand')


class ReverseLunge(Lunge):
    BACKWARD = True


class StepUp(Exercise):
    """one foot onto a step, up on it with both, and down again, the other foot first; depth: share of the rise.
    A repetition lasts from where the hips begin to rise to where they are down again."""
    RATE = 120.

    def __init__(self, poser, spec):
        super().__init__(poser, spec)
        p, P, k, o, sg = self.p, self.P, self.k, self.o, sign(self.k)
        n = int(p['dur'] * self.RATE) + 2
        tt = np.arange(n) / self.RATE
        half, way = p.get('stance', .20) / 2, F * p['distance'] + U * p['height']
        floor = {q: np.array([sign(q) * half, 0, P.ankle_z]) for q in 'lr'}
        flex0 = p.get('theta0', 6.)
        stand = P.leg_up(k, floor[k], flex0, 0, flex0 * .45, -2.)['hip'] - P.hip_offset[k]
        stand[0] = 0
        part = {q: np.zeros(n) for q in 'lr'}                   # of a foot's way onto the step
        bump = {q: np.zeros(n) for q in 'lr'}
        fwd, up = np.zeros(n), np.zeros(n)
        rep = -np.ones(n, int)
        for i, (t0, T, _) in enumerate(p['reps']):
            before, after = .30 * T, .26 * T                   # the foot comes up before, goes down after the hips
            m = (tt >= t0 - before) & (tt < t0 + T + after)
            s = tt[m] - t0
            rep[(tt >= t0) & (tt < t0 + T)] = i

            def swing(at, length, s=s):
                u = np.clip((s - at) / length, 0, 1)
                return smooth(u), .10 * np.sin(np.pi * u)**2
            a, la = swing(-before, before * .85)
            b, lb = swing(T + .04 * T, after * .85)
            part[k][m], bump[k][m] = a - b, la + lb
            a, la = swing(.16 * T, .24 * T)
            b, lb = swing(.58 * T, .26 * T)
            part[o][m], bump[o][m] = a - b, la + lb
            fwd[m] = smooth((s + .12 * T) / (.45 * T)) - smooth((s - .60 * T) / (.50 * T))
            up[m] = smooth(s / (.40 * T)) - smooth((s - .60 * T) / (.40 * T))
        pelvis = stand + fwd[:, None] * F * p['distance'] + up[:, None] * U * p['height']
        foot = {q: floor[q] + part[q][:, None] * F * p['distance'] + U * 0 for q in 'lr'}
        for q in 'lr':                                         # up first, then forward: past the edge, not through it
            foot[q][:, 2] += p['height'] * smooth(np.clip(part[q] / .55, 0, 1)) + bump[q]
        air = {q: (bump[q] > .005) for q in 'lr'}

        def highest(q):
            hip = P.hip_offset[q] + pelvis
            reach = (P.shank[q] + P.thigh[q]) * .9985
            heel_up = np.where(air[q], .25, .07)               # a heel that rises, a foot that follows
            flat2 = (hip[:, 0] - foot[q][:, 0])**2 + np.maximum(0, np.abs(hip[:, 1] - foot[q][:, 1]) - heel_up)**2
            return foot[q][:, 2] + np.sqrt(np.maximum(reach * reach - flat2, .01)) - P.hip_offset[q][2] + np.where(air[q], .2, .05)
        kernel = np.exp(-.5 * (np.arange(-18, 19) / 7.)**2)
        kernel /= kernel.sum()
        for i in range(6):
            pelvis[:, 2] = np.minimum(pelvis[:, 2], np.minimum(highest('l'), highest('r')))
            if i < 5:
                pelvis[:, 2] = np.convolve(np.pad(pelvis[:, 2], 18, mode='edge'), kernel, 'valid')
        self.tt, self.rep = tt, rep
        self.path = np.column_stack([pelvis, foot['l'], foot['r'], np.maximum(0, pelvis[:, 2] - stand[2]) / p['height']])

    def pose(self, t):
        p, P = self.p, self.P
        now = np.array([np.interp(t, self.tt, c) for c in self.path.T])
        pelvis, foot, g = now[:3], {'l': now[3:6], 'r': now[6:9]}, float(now[9])
        rep = int(self.rep[min(int(t * self.RATE), len(self.rep) - 1)])
        pelvis = pelvis + np.array([self.wobble(0, t, .003), self.wobble(1, t, .003), -.003 - self.wobble(2, t, .002)])
        mid = np.sin(np.pi * min(1., g))                       # on the way
        forward = p.get('lean0', 3.) + mid * p.get('lean', 14.) + self.wobble(4, t, .6)
        Rp = rot_z(self.wobble(6, t, .5)) @ rot_y(self.wobble(5, t, .4)) @ rot_x(.4 * forward)
        legs = {}
        for q in 'lr':
            hip = pelvis + Rp @ P.hip_offset[q]
            ball = P.joint[q + '-foot-1'] - P.joint[q + '-ankle']
            pitch, ankle = 0., foot[q]
            reach = (P.shank[q] + P.thigh[q]) * .9985
            while pitch < 60 and np.linalg.norm(hip - ankle) > reach:      # the heel rises about the ball
                pitch += 1.
                ankle = foot[q] + ball - rot_x(pitch) @ ball
            legs[q] = P.leg_between(q, hip, ankle, toe_out=p.get('toeout', 4.))
            legs[q].update(Rfoot=rot_z(sign(q) * p.get('toeout', 4.)) @ rot_x(pitch), Rball=np.eye(3) if pitch else None)
        R, H = P.build(pelvis, Rp, rot_y(self.wobble(3, t, .6)) @ rot_x(forward), legs, p.get('arms', 'hips'), rot_x(forward * .3))
        return R, H, dict(rep=rep, depth=g, phase='move' if rep >= 0 else 'stand')


class WalkIn(Exercise):
    """walks in from the person's left, makes a quarter turn and stands where the exercise begins, facing the camera.
    The steps are planned backwards from the end, at time walk_in_s; feet on the floor stay where they are."""
    SPEED, STEP_S, SWING_S = .95, .55, .72 * .55               # m/s; foot to foot; foot in the air
    TURN, WIDTH = .6, .085                                     # radius of the turn; a foot beside the path, metres
    HEEL_UP, TOE_UP = 38., 14.                                 # foot pitch when it leaves the floor, when it lands

    def __init__(self, poser, spec, exercise):
        super().__init__(poser, spec)
        p, P = self.p, self.P
        self.end = end = p['walk_in_s']
        self.last_R, self.last_H, _ = exercise.pose(end)       # the pose that the walk ends in
        stance = p.get('stance', .20)
        self.end_x = sign(self.k) * (p.get('footx', .07) - stance / 2)
        stop = end - .15
        self.tt = np.arange(-2., end + 1, 1 / 200.)
        self.way = np.cumsum(self.SPEED * (1 - smooth((self.tt - stop + 1.1) / 1.1))) / 200.
        self.way -= np.interp(end, self.tt, self.way)          # metres along the path, 0 at the end
        self.steps = {'l': [], 'r': []}                        # (leaves the floor, lands, place, yaw)
        for i in range(int((end + 1.5) / self.STEP_S)):        # backwards; the free foot comes last
            k = self.k if i % 2 else self.o
            lands = stop - i * self.STEP_S
            q = self.at(lands + (2 * self.STEP_S - self.SWING_S) / 2) if i > 1 else 0.   # where the body is in mid-stance
            yaw = self.heading(q) if i > 1 else 0.
            beside = rot_z(yaw) @ X * sign(k) * (stance / 2 if i < 2 else self.WIDTH)
            self.steps[k].insert(0, (lands - self.SWING_S, lands, self.path(q)[0] + beside, yaw + sign(k) * p.get('toeout', 6.)))
        self.zt = np.arange(0, end + .02, .01)
        z = np.array([min(self.highest(t, k) for k in 'lr') for t in self.zt])
        z = np.minimum(z, self.last_H['pelvis'][2])
        kernel = np.exp(-.5 * (np.arange(-12, 13) / 5.)**2)
        kernel /= kernel.sum()

        def soft(z):
            return np.convolve(np.pad(z, 12, mode='edge'), kernel, 'valid')
        for _ in range(3):
            z = np.minimum(z, soft(z))
        self.z = soft(z) - .004

    def at(self, t):
        return float(np.interp(t, self.tt, self.way))

    def path(self, q):
        """point and heading (0 = facing the camera, -90 = towards the person's right) at metre q before the end"""
        r, x = self.TURN, self.end_x
        if q >= 0:
            return np.array([x, 0, 0]), 0.
        if -q < r * np.pi / 2:
            b = -q / r
            return np.array([x + r * (1 - np.cos(b)), r * np.sin(b), 0]), -b / D
        return np.array([x + r + (-q - r * np.pi / 2), r, 0]), -90.

    def heading(self, q):
        return np.mean([self.path(q + e)[1] for e in np.linspace(-.22, .30, 9)])

    def foot(self, t, k):
        """ankle, foot yaw, foot pitch (+ = heel up), part of that pitch that the toes share"""
        P, steps = self.P, self.steps[k]
        ankle = P.joint[k + '-ankle']
        ball = P.joint[k + '-foot-1'] - ankle
        heel = P.body.mark[k]['heel'] * np.array([1, 1, 0]) - ankle

        def stand(place, yaw, pitch):                          # the foot turns about its ball or its heel
            pivot = ball if pitch > 0 else heel
            return place + P.ankle_z * U + rot_z(yaw) @ (pivot - rot_x(pitch) @ pivot)
        for i, (leaves, lands, place, yaw) in enumerate(steps):
            if t >= lands:
                continue
            if i == 0:
                return stand(place, yaw, 0), yaw, 0., 0.
            size = 1. if i < len(steps) - 1 else .5            # the closing step is a small one
            up, down = self.HEEL_UP * size, -self.TOE_UP * size
            _, landed, place0, yaw0 = steps[i - 1]
            if t < leaves:
                pitch = up * smooth((t - leaves + .24) / .24) - self.TOE_UP * (1 - smooth((t - landed) / .12))
                return stand(place0, yaw0, pitch), yaw0, pitch, 0.
            u = (t - leaves) / (lands - leaves)
            e = u * u * (3 - 2 * u)
            a, b = stand(place0, yaw0, up), stand(place, yaw, down)
            yaw = yaw0 + (yaw - yaw0) * e
            around = rot_z(yaw) @ X * sign(k) * .04            # past the standing foot, not through it
            pitch = up + (down - up) * smooth(u * 1.05)
            return a + (b - a) * e + (U * .06 * size + around) * np.sin(np.pi * u), yaw, pitch, float(smooth(u / .45))
        _, landed, place, yaw = steps[-1]
        pitch = -self.TOE_UP * .5 * (1 - smooth((t - landed) / .12))
        return stand(place, yaw, pitch), yaw, pitch, 0.

    def root(self, t):
        """place, heading, and how far the walk has become the standing pose"""
        q = self.at(t)
        done = float(smooth((t - self.end + .7) / .6))
        return self.path(q)[0], self.heading(q) * (1 - done), done

    def highest(self, t, k):
        """pelvis height at which this leg is all but straight"""
        P = self.P
        place, heading, _ = self.root(t)
        ankle, offset = self.foot(t, k)[0], P.hip_offset[k]
        hip = place + rot_z(heading) @ offset
        reach = (P.shank[k] + P.thigh[k]) * .996
        return ankle[2] + np.sqrt(max(.01, reach * reach - (hip[0] - ankle[0])**2 - (hip[1] - ankle[1])**2)) - offset[2]

    def pose(self, t):
        P = self.P
        place, heading, done = self.root(t)
        G = rot_z(heading)                                     # the pose is made facing the camera, then turned
        phase = 2 * np.pi * (t - self.steps['l'][-1][1]) / (2 * self.STEP_S)             # 0 = left foot lands
        going = float(np.clip((self.at(t + .05) - self.at(t)) / (.05 * self.SPEED), 0, 1))
        pelvis = place + G @ np.array([.014 * going * np.sin(phase + .6), 0, 0])
        pelvis[2] = np.interp(t, self.zt, self.z)
        pelvis = G.T @ (pelvis * (1 - done) + self.last_H['pelvis'] * done)
        turn = 5 * going * np.cos(phase)                       # pelvis and chest turn against each other
        Rp = slerp(rot_z(-turn) @ rot_x(1.5), self.last_R['pelvis'], done)
        Rchest = slerp(rot_z(turn * .8) @ rot_x(4), self.last_R['spine_03'], done)
        Rhead = slerp(rot_z(np.clip(-.45 * heading, -40, 40)), self.last_R['head'], done)
        legs = {}
        for k in 'lr':
            ankle, yaw, pitch, toes = self.foot(t, k)
            yaw -= heading
            legs[k] = P.leg_between(k, pelvis + Rp @ P.hip_offset[k], G.T @ ankle, fwd=rot_z(.6 * yaw) @ F, toe_out=sign(k) * yaw)
            legs[k]['Rfoot'] = rot_z(yaw) @ rot_x(pitch)
            legs[k]['Rball'] = rot_z(yaw) @ rot_x(pitch * toes) if pitch > 0 else None
        swing = 16 * going * np.cos(phase)
        R, H = P.build(pelvis, Rp, Rchest, legs, {'l': ('swing', -swing), 'r': ('swing', swing)}, Rhead)
        return {b: G @ m for b, m in R.items()}, {b: G @ x for b, x in H.items()}, dict(rep=-1, depth=0., phase='walk', heading=heading)


class Motion:
    def __init__(self, poser, spec):
        self.exercise = dict(
            sls=SingleLegSquat, stance=Stance, squat=Squat, lunge=Lunge, reverse_lunge=ReverseLunge, step_up=StepUp)[spec['kind']](poser, spec)
        self.walk = WalkIn(poser, spec, self.exercise) if 'walk_in_s' in spec else None

    def pose(self, t):
        return (self.walk if self.walk and t < self.walk.end else self.exercise).pose(t)
