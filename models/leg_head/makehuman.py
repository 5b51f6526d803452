"""A clothed person from the MakeHuman data (CC0; README.md says which files), as a mesh with bones.

World as in samples/render: metres, x = the person's left, facing -y, z up, floor at z = 0. MakeHuman has decimetres, y up,
facing +z."""
import gzip
import json
import os
import numpy as np
from body import quaternion, skin_dual_quaternion

DATA = os.environ.get('MAKEHUMAN', 'makehuman')


def path(name):
    return os.path.join(DATA, name)


def to_world(v):
    v = np.asarray(v) * .1
    return np.stack([v[..., 0], -v[..., 2], v[..., 1]], -1)


def read_obj(name):
    """vertices, texture points, [(corners, texture corners, group)]"""
    V, T, F, group = [], [], [], ''
    for row in open(path(name)):
        word = row.split()
        if row.startswith('v '):
            V.append([float(x) for x in word[1:4]])
        elif row.startswith('vt '):
            T.append([float(x) for x in word[1:3]])
        elif row.startswith('g '):
            group = word[1]
        elif row.startswith('f '):
            ends = [w.split('/') for w in word[1:]]
            F.append(([int(e[0]) - 1 for e in ends], [int(e[1]) - 1 if len(e) > 1 and e[1] else 0 for e in ends], group))
    return np.array(V), np.array(T) if T else np.zeros((1, 2)), F


def read_target(name):
    """which vertices move, and how far"""
    index, move = [], []
    for row in gzip.open(path(name), 'rt'):
        if row.strip() and not row.startswith('#'):
            word = row.split()
            index.append(int(word[0]))
            move.append([float(x) for x in word[1:4]])
    return np.array(index, int), np.array(move).reshape(-1, 3)


class Garment:
    """a .mhclo file: how each of its vertices hangs on three of the body's, and which of the body's it hides"""

    def __init__(self, name):
        self.scales, self.hides, rows, mode = {}, set(), [], None
        for line in open(path(name)):
            word = line.split()
            if not word or word[0].startswith('#'):
                continue
            if word[0][1:] == '_scale':
                self.scales['xyz'.index(word[0][0])] = (int(word[1]), int(word[2]), float(word[3]))
            elif word[0] == 'obj_file':
                self.obj = word[1]
            elif word[0] == 'material':
                self.material = word[1]
            elif word[0] in ('verts', 'delete_verts'):
                mode = word[0]
            elif word[0] == 'weights':
                mode = None
            elif word[0][0].isdigit() and mode == 'verts':
                if len(word) == 1:
                    rows.append([int(word[0])] * 3 + [1., 0, 0, 0, 0, 0])
                else:
                    rows.append([float(x) for x in word[:9]] + [0.] * (9 - len(word[:9])))
            elif word[0][0].isdigit() and mode == 'delete_verts':
                while word:
                    last = 2 if word[1:2] == ['-'] else 0
                    self.hides.update(range(int(word[0]), int(word[last]) + 1))
                    word = word[last + 1:]
        R = np.array(rows)
        self.on, self.weight, self.offset = R[:, :3].astype(int), R[:, 3:6], R[:, 6:9]


class Part:
    def __init__(self, name, V, W, faces, T, tex=None, color=None):
        """faces [(corners, texture corners)]; only the vertices that they use are kept"""
        used = np.unique(np.concatenate([f for f, _ in faces]))
        new = np.full(len(V), -1)
        new[used] = np.arange(len(used))
        self.name, self.V, self.W, self.tex, self.color = name, V[used], W[used], tex, color
        self.faces, self.uv = [[int(new[i]) for i in f] for f, _ in faces], [[T[i] for i in t] for _, t in faces]


class Human:
    def __init__(self, gender, ethnic, muscle, weight, outfit, hair, shoes, eyes, height, extra_targets=()):
        V, self.T, F = read_obj('base.obj')
        shape = f'{gender}-young-averagemuscle-averageweight'
        for name, w in [(f'targets/universal-{gender}-young-{muscle}muscle-{weight}weight.target.gz', 1.),
                        (f'targets/{ethnic}-{gender}-young.target.gz', 1.),
                        (f'targets/proportions/{shape}-idealproportions.target.gz', .5), *extra_targets]:
            i, move = read_target(name)
            V[i] += w * move
        self.decimetres = V
        groups = json.load(open(path('basemesh_vertex_groups.json')))
        self.group = {k: np.concatenate([np.arange(a, b + 1) for a, b in v]) for k, v in groups.items()}
        self.V, skin = to_world(V), self.group['body']
        self.V[:, 2] -= self.V[skin][:, 2].min()
        self.scale = height / self.V[skin][:, 2].max()
        self.V *= self.scale
        self.height = height
        self.make_bones()
        self.make_weights(len(V))
        self.faces = {g: [(f, t) for f, t, name in F if name == g] for g in ('body', 'helper-tights')}
        self.parts, hidden = [], set()
        for o in outfit:
            hidden |= self.tights(o) if o.startswith('tights:') else self.wear('clothes', *o.split('#'))
        hidden |= self.wear('clothes', shoes) | self.wear('hair', hair)
        self.add('eyes/low-poly/low-poly.mhclo', 'low-poly', texture=path(f'eyes/materials/{eyes}_eye.png'))
        self.wear('eyebrows', 'eyebrow001')
        self.wear('eyelashes', 'eyelashes01')
        bare = [f for f in self.faces['body'] if not all(v in hidden for v in f[0])]
        self.parts.append(Part('body', self.V, self.W, bare, self.T, tex='SKIN'))
        self.stand(.002 - min(p.V[:, 2].min() for p in self.parts))
        self.mark_feet()

    # ---------------------------------------------------------------- skeleton
    def make_bones(self):
        W, rig = self.V, json.load(open(path('rig.game_engine.json')))

        def at(e):
            if e['strategy'] == 'CUBE':
                return W[self.group[e['cube_name']]].mean(0)
            return W[e['vertex_indices']].mean(0) if e['strategy'] == 'MEAN' else W[e['vertex_index']].copy()
        self.bones = {b: dict(head=at(e['head']), tail=at(e['tail']), parent=e['parent']) for b, e in rig.items()}
        self.order = []

        def add(b):
            if b not in self.order:
                if self.bones[b]['parent']:
                    add(self.bones[b]['parent'])
                self.order.append(b)
        for b in self.bones:
            add(b)
        self.joint = {k[6:]: W[v].mean(0) for k, v in self.group.items() if k.startswith('joint-')}
        # MakeHuman puts the hip joints too far out for some shapes: 0.54 of half the breadth at the trochanters
        B, z = W[self.group['body']], self.joint['l-upper-leg'][2]
        ring = (abs(B[:, 2] - (z - .027 * self.height)) < .012 * self.height / 1.75) & (abs(B[:, 0]) < .26)
        x = .54 * abs(B[ring][:, 0]).max()
        for k, sg in (('l', 1), ('r', -1)):
            p = np.array([sg * x, self.joint[k + '-upper-leg'][1], z - .008])
            self.joint[k + '-upper-leg'], self.bones['thigh_' + k]['head'] = p, p.copy()

    def make_weights(self, n):
        index = {b: i for i, b in enumerate(self.order)}
        self.W = np.zeros((n, len(self.order)), np.float32)
        for bone, pairs in json.load(open(path('weights.game_engine.json')))['weights'].items():
            if bone in index and pairs:
                pairs = np.array(pairs)
                self.W[pairs[:, 0].astype(int), index[bone]] = pairs[:, 1]
        self.W[self.W.sum(1) == 0, index['pelvis']] = 1
        self.W /= self.W.sum(1, keepdims=True)

    def stand(self, dz):
        for p in self.parts:
            p.V[:, 2] += dz
        for b in self.bones.values():
            b['head'], b['tail'] = b['head'] + [0, 0, dz], b['tail'] + [0, 0, dz]
        for k in self.joint:
            self.joint[k] = self.joint[k] + [0, 0, dz]

    def mark_feet(self):
        """heel and tip of the shoe, on its sole"""
        shoes = next(p for p in self.parts if p.name.startswith('shoes')).V
        self.mark = {}
        for k, sg in (('l', 1), ('r', -1)):
            V = shoes[(np.sign(shoes[:, 0]) == sg) & (shoes[:, 2] < .072)]
            ankle, tip = self.joint[k + '-ankle'], self.joint[k + '-toe-2-4']
            f = (tip - ankle) * [1, 1, 0]
            f /= np.linalg.norm(f)
            u, lateral, ends = (V - ankle) @ f, np.cross([0, 0, 1.], f), {}
            for name, far, near, z in (('heel', u.min(), u < u.min() + .01, .03), ('toe', u.max(), u > u.max() - .01, .02)):
                ends[name] = ankle + f * far + lateral * ((V[near] - ankle) @ lateral).mean()
                ends[name][2] = z
            self.mark[k] = dict(ends, toeanat=tip)

    # ---------------------------------------------------------------- clothes
    def wear(self, kind, name, half=None):
        return self.add(f'{kind}/{name}/{name}.mhclo', name, half)

    def add(self, file, name, half=None, texture=None):
        """half: 'top' or 'bottom' of a suit. Returns the body vertices that it hides"""
        g, folder = Garment(file), os.path.dirname(file)
        _, T, F = read_obj(f'{folder}/{g.obj}')
        scale = np.ones(3)
        for axis, (a, b, by) in g.scales.items():
            scale[axis] = abs(self.decimetres[a][axis] - self.decimetres[b][axis]) / by
        V = (self.V[g.on] * g.weight[:, :, None]).sum(1) + to_world(g.offset * scale) * self.scale
        W = (self.W[g.on] * np.abs(g.weight)[:, :, None]).sum(1)
        W /= W.sum(1, keepdims=True)
        if not texture:
            material = os.path.join(folder, g.material)
            line = next(x for x in open(path(material)) if x.startswith('diffuseTexture'))
            texture = os.path.normpath(path(os.path.join(os.path.dirname(material), line.split()[1])))
        faces = [(f, t) for f, t, _ in F]
        if half:
            faces = self.half(V, faces, half)
        self.parts.append(Part(name + (f'#{half}' if half else ''), V, W, faces, T, tex=texture))
        return set() if half else g.hides

    def half(self, V, faces, which):
        """of the pieces that hang together, those that end above (top) or reach below the upper thigh"""
        piece = np.arange(len(V))
        for _ in range(len(V)):                                # the smallest number of a piece spreads through it
            before = piece.copy()
            for f, _ in faces:
                piece[f] = piece[f].min()
            piece = piece[piece]
            if (piece == before).all():
                break
        lowest = {r: V[piece == r][:, 2].min() for r in np.unique(piece)}
        limit = self.joint['l-upper-leg'][2] - .25
        return [x for x in faces if (lowest[piece[x[0][0]]] > limit) == (which == 'top')]

    def tights(self, o):
        """'tights:name:low:high:flare:r,g,b': the body's own tights between two heights (0 = knee, 1 = hip joint), let out
        by `flare` metres at the lower hem"""
        _, name, low, high, flare, color = o.split(':')
        low, high, flare = float(low), float(high), float(flare)
        knee, hip = self.joint['l-knee'][2], self.joint['l-upper-leg'][2]
        z = (self.V[:, 2] - knee) / (hip - knee)
        N = np.zeros_like(self.V)
        for f, _ in self.faces['helper-tights']:
            a, b, c = (self.V[i] for i in f[:3])
            N[f] += np.cross(b - a, c - a)
        N /= np.maximum(np.linalg.norm(N, axis=1, keepdims=True), 1e-12)
        V = self.V + N * (.004 + flare * np.clip((1 - z) / (1 - low), 0, 1))[:, None]
        faces = [x for x in self.faces['helper-tights'] if all(low <= z[v] <= high for v in x[0]) and
                 not (high <= 1.6 and all(abs(self.V[v, 0]) > .26 for v in x[0]))]            # not the hands
        self.parts.append(Part(name, V, self.W, faces, self.T, color=tuple(float(x) for x in color.split(','))))
        return set()

    # ---------------------------------------------------------------- posing
    def skin(self, R, H):
        """vertices of each part; R, H: rotation and head position by bone. Half linear, half dual quaternion: neither the
        candy wrapper of the one nor the bulge of the other"""
        Rm, Hm = np.array([R[b] for b in self.order]), np.array([H[b] for b in self.order])
        t = Hm - np.einsum('bij,bj->bi', Rm, np.array([self.bones[b]['head'] for b in self.order]))
        q = np.array([quaternion(r) for r in Rm])
        out = []
        for p in self.parts:
            linear = np.einsum('vij,vj->vi', np.einsum('vb,bij->vij', p.W, Rm), p.V) + p.W @ t
            out.append(.5 * linear + .5 * skin_dual_quaternion(p.V, p.W, q, t))
        return out
