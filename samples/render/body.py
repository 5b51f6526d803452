"""The mannequin: bones, and a skin of lofted ellipses and ellipsoids, with no third-party data.

Rest pose: standing, facing -y, arms hanging. All numbers are for a stature of 1.74 m and scale with it."""
import numpy as np
from geometry import U, X, unit


def quaternion(m):
    t = np.trace(m)
    if t > 0:
        s = np.sqrt(t + 1) * 2
        return np.array([.25 * s, (m[2, 1] - m[1, 2]) / s, (m[0, 2] - m[2, 0]) / s, (m[1, 0] - m[0, 1]) / s])
    i = int(np.argmax(np.diag(m)))
    j, k = (i + 1) % 3, (i + 2) % 3
    s = np.sqrt(1 + m[i, i] - m[j, j] - m[k, k]) * 2
    q = np.empty(4)
    q[[0, i + 1, j + 1, k + 1]] = (m[k, j] - m[j, k]) / s, .25 * s, (m[i, j] + m[j, i]) / s, (m[i, k] + m[k, i]) / s
    return q


def skin_dual_quaternion(V, W, q, t):
    """vertices V moved by bones with rotation q and translation t, mixed by weights W"""
    w0, v0 = q[:, :1], q[:, 1:]
    d = .5 * np.concatenate([-(t * v0).sum(1, keepdims=True), w0 * t + np.cross(t, v0)], 1)
    flip = np.sign(q @ q.T)                                    # q and -q are one rotation: agree with the main bone
    flip[flip == 0] = 1
    W = W * flip[W.argmax(1)]
    Q, E = W @ q, W @ d
    n = np.linalg.norm(Q, axis=1, keepdims=True)
    Q, E = Q / n, E / n
    w, u = Q[:, :1], Q[:, 1:]
    return V + 2 * np.cross(u, np.cross(u, V) + w * V) + 2 * (w * E[:, 1:] - E[:, :1] * u + np.cross(u, E[:, 1:]))


class Part:
    def __init__(self, name, V, W, faces, color, rough=.7):
        self.name, self.V, self.W, self.faces, self.color, self.rough = name, np.array(V, float), np.array(W), faces, color, rough


class Body:
    def __init__(self, height=1.74, skin=(.72, .48, .36), hair=(.06, .04, .03), shirt=(.75, .14, .12), shorts=(.03, .05, .16),
                 shoe=(.10, .10, .12), sock=(.5, .5, .55), stickers=None):
        self.height, self.q = height, height / 1.74
        self.skin_color, self.hair, self.shirt, self.shorts, self.shoe_color, self.sock = skin, hair, shirt, shorts, shoe, sock
        self.parts = []
        self.make_bones()
        self.make_trunk()
        self.make_head()
        for k, g in (('l', 1), ('r', -1)):
            self.make_leg(k, g)
            self.make_shoe(k, g)
            self.make_arm(k, g)
        if stickers:
            self.make_stickers(stickers)
        self.stand_on_floor()

    # ---------------------------------------------------------------- skeleton
    def make_bones(self):
        q, J = self.q, {}
        for k, g in (('l', 1), ('r', -1)):
            J[k + '-upper-leg'], J[k + '-knee'] = np.array([g * .092, 0, .93]) * q, np.array([g * .105, -.012, .505]) * q
            J[k + '-ankle'] = np.array([g * .108, .005, .085]) * q
            J[k + '-foot-1'], J[k + '-toe-2-4'] = np.array([g * .112, -.135, .03]) * q, np.array([g * .112, -.205, .03]) * q
            J[k + '-shoulder'] = np.array([g * .185, 0, 1.43]) * q
            J[k + '-elbow'] = J[k + '-shoulder'] + .29 * q * unit(np.array([g * .55, 0, -.83]))
            J[k + '-hand'] = J[k + '-elbow'] + .255 * q * unit(np.array([g * .45, -.25, -.85]))
            J[k + '-hand-3'] = J[k + '-hand'] + .09 * q * unit(np.array([g * .4, -.3, -.85]))
            J[k + '-clavicle'], J[k + '-eye'] = np.array([g * .03, 0, 1.45]) * q, np.array([g * .032, -.085, 1.635]) * q
        J['pelvis'] = np.array([0, 0, .94]) * q
        for i, z in ((4, 1.02), (3, 1.10), (2, 1.20), (1, 1.36)):
            J[f'spine-{i}'] = np.array([0, .01, z]) * q
        J['neck'], J['head'] = np.array([0, .005, 1.47]) * q, np.array([0, -.005, 1.54]) * q
        J['head-2'] = np.array([0, -.005, 1.74]) * q
        B = {'Root': dict(head=np.zeros(3), tail=np.array([0, 0, .1]), parent='')}

        def bone(name, head, tail, parent):
            B[name] = dict(head=J[head].copy(), tail=J[tail].copy(), parent=parent)
        bone('pelvis', 'pelvis', 'spine-4', 'Root')
        bone('spine_01', 'spine-4', 'spine-3', 'pelvis')
        bone('spine_02', 'spine-3', 'spine-2', 'spine_01')
        bone('spine_03', 'spine-2', 'spine-1', 'spine_02')
        bone('neck_01', 'neck', 'head', 'spine_03')
        bone('head', 'head', 'head-2', 'neck_01')
        for k in 'lr':
            chain = 'spine_03'
            for name, head, tail in (('clavicle', 'clavicle', 'shoulder'), ('upperarm', 'shoulder', 'elbow'),
                                     ('lowerarm', 'elbow', 'hand'), ('hand', 'hand', 'hand-3')):
                bone(f'{name}_{k}', f'{k}-{head}', f'{k}-{tail}', chain)
                chain = f'{name}_{k}'
            chain = 'pelvis'
            for name, head, tail in (('thigh', 'upper-leg', 'knee'), ('calf', 'knee', 'ankle'), ('foot', 'ankle', 'foot-1'),
                                     ('ball', 'foot-1', 'toe-2-4')):
                bone(f'{name}_{k}', f'{k}-{head}', f'{k}-{tail}', chain)
                chain = f'{name}_{k}'
        self.joint, self.bones, self.order = J, B, list(B)
        self.index = {b: i for i, b in enumerate(self.order)}

    def stand_on_floor(self):
        z = min(p.V[:, 2].min() for p in self.parts)
        for p in self.parts:
            p.V[:, 2] -= z
        for b in self.bones.values():
            b['head'][2] -= z
            b['tail'][2] -= z
        for j in self.joint.values():
            j[2] -= z
        self.mark = {}
        for k in 'lr':
            V = next(p for p in self.parts if p.name == 'shoe_' + k).V
            sole = V[V[:, 2] < .06]
            toe = self.joint[k + '-toe-2-4']
            self.mark[k] = dict(heel=np.array([self.joint[k + '-ankle'][0], sole[:, 1].max(), .03]),
                                toe=np.array([toe[0], sole[:, 1].min(), .02]), toeanat=toe.copy())

    def pose(self, R, H):
        """vertices of each part; R, H: rotation and head position by bone"""
        Rm, Hm = np.array([R[b] for b in self.order]), np.array([H[b] for b in self.order])
        rest = np.array([self.bones[b]['head'] for b in self.order])
        t = Hm - np.einsum('bij,bj->bi', Rm, rest)
        q = np.array([quaternion(r) for r in Rm])
        return [skin_dual_quaternion(p.V, p.W, q, t) for p in self.parts]

    # ---------------------------------------------------------------- shapes
    def weights(self, w):
        out = np.zeros(len(self.order))
        for bone, x in w.items():
            out[self.index[bone]] = x
        return out

    def loft(self, name, rings, weights, color, n=20, upright=False, cap=(False, False)):
        """a tube through rings (centre, half width, half depth), each with its bone weights"""
        V, W, F = [], [], []
        last = len(rings) - 1
        for i, ((c, a, b), w) in enumerate(zip(rings, weights)):
            d = U if upright else unit(rings[min(i + 1, last)][0] - rings[max(i - 1, 0)][0])
            x = unit(X - d * (X @ d))
            y = np.cross(d, x)
            for j in range(n):
                t = 2 * np.pi * j / n
                V.append(c + a * np.cos(t) * x + b * np.sin(t) * y)
                W.append(self.weights(w))
        for i in range(last):
            for j in range(n):
                F.append([i * n + j, i * n + (j + 1) % n, (i + 1) * n + (j + 1) % n, (i + 1) * n + j])
        for end, i in ((0, 0), (1, last)):
            if cap[end]:
                V.append(rings[i][0])
                W.append(W[i * n])
                m = len(V) - 1
                for j in range(n):
                    F.append([m, i * n + j, i * n + (j + 1) % n] if end else [m, i * n + (j + 1) % n, i * n + j])
        self.parts.append(Part(name, V, W, F, color))

    def ellipsoid(self, name, c, r, color, n, m, shape=None, rough=.6):
        """on the head; shape bends the unit sphere first"""
        V, F = [], []
        for i in range(m + 1):
            ph = np.pi * i / m
            for j in range(n):
                t = 2 * np.pi * j / n
                p = np.array([np.sin(ph) * np.cos(t), np.sin(ph) * np.sin(t), np.cos(ph)])
                V.append(c + (p if shape is None else shape(p)) * r)
        for i in range(m):
            for j in range(n):
                F.append([i * n + j, (i + 1) * n + j, (i + 1) * n + (j + 1) % n, i * n + (j + 1) % n])
        self.parts.append(Part(name, V, [self.weights({'head': 1})] * len(V), F, color, rough))

    def make_trunk(self):
        q = self.q
        rings = [(.88, .15, .105, .010), (.92, .170, .118, .010), (.98, .165, .115, .005), (1.05, .150, .105, 0), (1.12, .145, .102, 0),
                 (1.20, .158, .110, 0), (1.28, .172, .118, -.003), (1.36, .178, .115, 0), (1.42, .165, .100, .005), (1.455, .115, .08, .01),
                 (1.475, .068, .062, .01)]                     # z, half width, half depth, y
        heights = [('pelvis', .96), ('spine_01', 1.06), ('spine_02', 1.15), ('spine_03', 1.27)]

        def weight(z):
            if z <= heights[0][1]:
                return {'pelvis': 1.}
            for (n0, z0), (n1, z1) in zip(heights, heights[1:]):
                if z < z1:
                    return {n0: 1 - (z - z0) / (z1 - z0), n1: (z - z0) / (z1 - z0)}
            return {'spine_03': 1.}
        top, low = [r for r in rings if r[0] >= .95], [r for r in rings if r[0] <= .99]
        self.loft('shirt', [(np.array([0, y, z]) * q, a * q, b * q) for z, a, b, y in top], [weight(r[0]) for r in top], self.shirt,
                  upright=True, n=28, cap=(True, False))
        self.loft('pelvis', [(np.array([0, y, z]) * q, (a + .006) * q, (b + .006) * q) for z, a, b, y in low], [{'pelvis': 1.}] * len(low),
                  self.shorts, upright=True, n=28, cap=(True, True))
        self.loft('neck', [(np.array([0, .008, z]) * q, r * q, r * q) for z, r in ((1.44, .066), (1.48, .060), (1.52, .057), (1.57, .058))],
                  [{'spine_03': 1}, {'neck_01': 1}, {'neck_01': 1}, {'head': 1}], self.skin_color, upright=True, n=20)

    def make_stickers(self, color, apart=.20, radius=.022, z=.99):
        """two round stickers on the front of the waistband; they move with the pelvis"""
        q = self.q
        for k, g in (('l', 1), ('r', -1)):
            flat = [(0., 0.)] + [(radius * r * np.cos(t), radius * r * np.sin(t)) for r in (.5, 1.)
                                 for t in np.arange(16) * np.pi / 8]
            V = []
            for x, dz in flat:
                x, dz = x + g * apart / 2, dz + z                 # on the waistband, clear of the folds
                a, b, y = (np.interp(dz, (.92, .98), v) for v in ((.176, .171), (.124, .121), (.010, .005)))
                V.append(np.array([x, y - b * np.sqrt(1 - (x / a)**2) - .026, dz]) * q)
            F = [[0, 1 + j, 1 + (j + 1) % 16] for j in range(16)]
            F += [[1 + j, 17 + j, 17 + (j + 1) % 16, 1 + (j + 1) % 16] for j in range(16)]
            self.parts.append(Part('sticker_' + k, V, [self.weights({'pelvis': 1})] * len(V), F, color, .5))

    def make_head(self):
        q, skin, hair = self.q, self.skin_color, self.hair
        c = np.array([0, -.005, 1.635]) * q

        def face(p):
            p = p.copy()
            if p[2] < 0:
                p[0] *= 1 - .32 * (-p[2])**1.3
                p[1] *= 1 - .12 * (-p[2])
            if p[1] < -.3 and p[2] < .1:
                p[1] *= .96
            return p

        def cap(p):
            p = p.copy()
            if p[2] < .42 and p[1] < -.2:
                p *= .84
            if p[2] < -.35:
                p *= .86
            return p

        def add(name, at, r, color, n, m, **more):
            self.ellipsoid(name, c + np.array(at) * q, np.array(r) * q, color, n, m, **more)
        add('head', (0, 0, 0), (.076, .097, .118), skin, 28, 20, shape=face)
        add('nose', (0, -.098, -.012), (.011, .017, .024), tuple(.95 * x for x in skin), 10, 8)
        add('lips', (0, -.0865, -.055), (.024, .010, .008), (skin[0] * .75, skin[1] * .45, skin[2] * .45), 10, 6)
        add('chin', (0, -.068, -.088), (.030, .022, .022), skin, 12, 8)
        for g in (1, -1):
            add('eye', (g * .030, -.083, .012), (.014, .009, .0075), (.85, .85, .83), 10, 8)
            add('iris', (g * .030, -.0905, .012), (.0062, .004, .0065), (.05, .03, .02), 8, 6)
            add('brow', (g * .031, -.087, .032), (.019, .008, .0045), hair, 8, 6)
            add('ear', (g * .077, .008, 0), (.012, .022, .032), tuple(.93 * x for x in skin), 10, 8)
            add('eye_socket', (g * .030, -.078, .014), (.020, .010, .015), tuple(.55 * x for x in skin), 10, 8)
        add('hair', (0, .010, .016), (.085, .108, .122), hair, 28, 20, shape=cap, rough=.5)

    def make_leg(self, k, g):
        J, q = self.joint, self.q
        hip, knee, ankle = J[k + '-upper-leg'], J[k + '-knee'], J[k + '-ankle']
        T, S = 'thigh_' + k, 'calf_' + k

        def thigh(t):
            return hip + (knee - hip) * t

        def shank(t):
            return knee + (ankle - knee) * t
        radii = [(thigh(t), r) for t, r in ((-.02, .088), (.08, .090), (.2, .088), (.4, .079), (.6, .069), (.8, .060), (.92, .057), (1., .057))] + \
                [(shank(t), r) for t, r in ((.06, .054), (.15, .053), (.3, .057), (.45, .052), (.6, .044), (.8, .036), (.92, .035), (1., .037), (1.06, .036))]
        rings = [(p + np.array([0, .012 * q if 10 <= i <= 12 else 0, 0]), r * q, r * q * (1.05 if 9 <= i <= 12 else 1.))
                 for i, (p, r) in enumerate(radii)]            # the calf bulges backward
        self.loft('leg_' + k, rings, [{T: 1}] * 6 + [{T: .85, S: .15}, {T: .5, S: .5}, {T: .15, S: .85}] + [{S: 1}] * 8, self.skin_color,
                  n=20, cap=(True, True))
        self.loft('shorts_' + k, [(thigh(t) + np.array([g * .004, 0, 0]), r * q, r * q)
                                  for t, r in ((-.04, .096), (.06, .100), (.2, .100), (.4, .098), (.55, .096), (.58, .090))],
                  [{'pelvis': .6, T: .4}, {'pelvis': .25, T: .75}] + [{T: 1}] * 4, self.shorts, n=20)
        self.loft('sock_' + k, [(shank(t), r * q, r * q) for t, r in ((.74, .0395), (.85, .038), (1., .040), (1.1, .040))],
                  [{S: 1}, {S: 1}, {S: .5, 'foot_' + k: .5}, {'foot_' + k: 1}], self.sock, n=18)

    def make_shoe(self, k, g):
        q, n = self.q, 16
        ankle = self.joint[k + '-ankle']
        rings = [(.060, .015, .010), (.055, .030, .045), (.02, .036, .085), (-.02, .037, .095), (-.06, .038, .080), (-.10, .042, .062),
                 (-.145, .046, .048), (-.185, .042, .038), (-.21, .030, .026), (-.222, .012, .012)]          # y, half width, height
        V, W, F = [], [], []
        for y, w, h in rings:
            t = np.clip((y + .145) / .02, 0, 1)                   # the shoe bends at the ball
            for j in range(n):
                x, z = np.cos(2 * np.pi * j / n), np.sin(2 * np.pi * j / n)
                x = np.sign(x) * abs(x)**.7
                z = z * .5 + .5 if z > 0 else .5 * (1 + np.sign(z) * abs(z)**.4)
                V.append(np.array([ankle[0] + g * .003 + w * x * q, ankle[1] + y * q, .002 + h * z * q * 1.05]))
                W.append(self.weights({'foot_' + k: t, 'ball_' + k: 1 - t}))
        for i in range(len(rings) - 1):
            for j in range(n):
                F.append([i * n + j, i * n + (j + 1) % n, (i + 1) * n + (j + 1) % n, (i + 1) * n + j])
        F += [list(range(n))[::-1], [(len(rings) - 1) * n + j for j in range(n)]]
        self.parts.append(Part('shoe_' + k, V, W, F, self.shoe_color))

    def make_arm(self, k, g):
        J, q, skin = self.joint, self.q, self.skin_color
        shoulder, elbow, wrist = J[k + '-shoulder'], J[k + '-elbow'], J[k + '-hand']
        A, B, C = 'upperarm_' + k, 'lowerarm_' + k, 'hand_' + k

        def upper(t):
            return shoulder + (elbow - shoulder) * t

        def fore(t):
            return elbow + (wrist - elbow) * t
        radii = [(upper(t), r) for t, r in ((0, .052), (.15, .050), (.4, .046), (.7, .041), (.9, .038), (1., .038))] + \
                [(fore(t), r) for t, r in ((.1, .038), (.3, .038), (.6, .032), (.9, .026), (1.02, .025))]
        self.loft('arm_' + k, [(p, r * q, r * q) for p, r in radii],
                  [{A: 1}] * 4 + [{A: .85, B: .15}, {A: .5, B: .5}, {A: .15, B: .85}] + [{B: 1}] * 4, skin, n=16, cap=(True, True))
        self.loft('sleeve_' + k, [(upper(t) - np.array([g * .02 * (t < 0), 0, 0]), r * q, r * q)
                                  for t, r in ((-.12, .052), (-.03, .060), (.1, .060), (.3, .057), (.52, .057), (.54, .050))],
                  [{'spine_03': .7, A: .3}, {'spine_03': .4, A: .6}] + [{A: 1}] * 4, self.shirt, n=18, cap=(True, False))
        palm = unit(J[k + '-hand-3'] - wrist)
        self.loft(C, [(wrist + palm * t * q, a * q, b * q) for t, a, b in
                      ((0, .026, .022), (.03, .036, .018), (.08, .042, .016), (.12, .038, .014), (.165, .026, .011), (.18, .010, .008))],
                  [{C: 1}] * 6, skin, n=14, cap=(True, True))
        thumb = unit(palm + np.array([-g * .3, -.9, 0]))
        self.loft('thumb_' + k, [(wrist + palm * .035 * q + thumb * t * q, r * q, r * q)
                                 for t, r in ((0, .013), (.03, .012), (.06, .010), (.07, .005))], [{C: 1}] * 4, skin, n=10, cap=(True, True))
