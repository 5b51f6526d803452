#!/usr/bin/python3
"""train.py FEATURES_DIR check [FOLDS [LAST]]   errors on bodies held out, in turn (LAST: of so many folds only)
train.py FEATURES_DIR write OUT.bin [HEAD.bin]  train on all, write the head that plumbline reads; the tilt is HEAD.bin's
train.py - expect HEAD.bin                      what PyTorch makes of made-up features: tests/keypoints/test_leg_head.c

Bodies, never pictures, are held out. A picture and its mirror image are two examples, left and right exchanged."""
import glob
import os
import struct
import sys
import zlib
import numpy as np
import torch

SAMPLES, CHANNELS, FEW, REDUCED, HIDDEN, HIP, JOINTS = 139, 88, 32, 8, 48, 49, 10
TILT_SAMPLES, TILT_HIDDEN = 103, 32                             # without heels and toes
KNOWN, OUT = 4 * (2 + JOINTS), 2 * JOINTS
LANDMARKS = [11, 12] + list(range(23, 33))                      # shoulders; hips, knees, ankles, heels, second toes
NETWORK_CRC32 = 0xfecd3a27                                      # pose_landmark_full.tflite
EPOCHS = int(os.environ.get('EPOCHS', 20))
BALANCE = int(os.environ.get('BALANCE', 8))                     # more epochs of the joints, in pairs
STARTS, YAW_STARTS, YAW_EPOCHS = 4, 2, 12                       # joints and yaw: so many nets, of seeds SEED and on, averaged
SEED = int(os.environ.get('SEED', 1))
LABELS = ('tilt', 'turn', 'yaw', 'frame', 'look', 'sign', 'kind', 'left_flex', 'right_flex', 'side', 'size', 'sight')
ONE_LEG, BOTH, LUNGE, SITTING = range(4)
torch.set_num_threads(int(os.environ.get('THREADS', 1)))


def principal(files):
    """mean and axes of the features of some pictures: trained on 32 numbers a sample instead of 88"""
    n, s, q = 0, 0., 0.
    for f in files[::max(1, len(files) // 60)]:
        v = np.load(f)['x'][::6].astype(np.float64).reshape(-1, CHANNELS)
        n, s, q = n + len(v), s + v.sum(0), q + v.T @ v
    mean = s / n
    cov = q / n - np.outer(mean, mean)
    sd = np.sqrt(np.diag(cov)) + 1e-3
    w, axes = np.linalg.eigh(cov / np.outer(sd, sd))
    first = np.argsort(-w)[:FEW]
    m = axes[:, first] / w[first]**.25 / sd[:, None]            # the later ones a little larger than they are
    return mean, m / np.sqrt((m.T @ cov @ m).diagonal().mean())


class Data:
    def __init__(self, folder):
        files = sorted(glob.glob(folder + '/*.npz'))
        self.mean, self.axes = principal(files)
        x, points, y, labels, body = [], [], [], [], []
        for f in files:
            z = np.load(f)
            v = z['x'].astype(np.float32).reshape(-1, CHANNELS) - self.mean.astype(np.float32)
            x.append(torch.from_numpy((v @ self.axes.astype(np.float32)).astype(np.float16)).reshape(len(z['x']), SAMPLES, FEW))
            points.append(z['points'].reshape(-1, 33, 4))
            y.append(z['y'])
            labels.append(z['labels'])
            body += [os.path.basename(f)[:-4]] * len(z['x'])
        labels = np.concatenate(labels)
        self.x, self.points, self.body = torch.cat(x), np.concatenate(points), np.array(body)
        self.base = 256 * self.points[:, LANDMARKS[2:], :2]     # px of the crop
        self.truth = 256 * np.concatenate(y)
        self.is_ = {k: labels[:, i] for i, k in enumerate(LABELS)}
        self.known = known(self.points)


def known(points):
    p = points[:, LANDMARKS].copy()
    p[:, :, :2] = 8 * (p[:, :, :2] - points[:, [23, 24], :2].mean(1, keepdims=True))
    p[:, :, 2] *= 4
    p[:, :, 3] -= .5
    return torch.from_numpy(p.reshape(len(p), -1).astype(np.float32))


def reduced(reduce, x, noise):
    if noise:
        x = x + noise * torch.randn_like(x)
    return torch.relu(torch.cat([reduce[0](x[:, :HIP]), reduce[1](x[:, HIP:])], 1)).flatten(1)


class Net(torch.nn.Module):
    """of samples and landmarks"""
    def __init__(self, channels, drop):
        super().__init__()
        self.reduce = torch.nn.ModuleList([torch.nn.Linear(channels, REDUCED) for _ in range(2)])
        self.hidden, self.out = torch.nn.Linear(SAMPLES * REDUCED + KNOWN, self.HIDDEN), torch.nn.Linear(self.HIDDEN, self.OUT)
        self.direct = torch.nn.Linear(KNOWN, self.OUT, bias=False)
        torch.nn.init.zeros_(self.direct.weight)
        self.drop, self.scale = torch.nn.Dropout(drop), self.SCALE

    def forward(self, x, known, noise=0.):
        few = self.drop(reduced(self.reduce, x, noise))
        hidden = self.drop(torch.relu(self.hidden(torch.cat([few, known], 1))))
        return self.scale * self.out(hidden) + self.direct(known)


class Joints(Net):
    HIDDEN, OUT, SCALE = HIDDEN, OUT, 3.


class Yaw(Net):
    HIDDEN, OUT, SCALE = 32, 1, 5.


class Starts(torch.nn.Module):
    """the mean of nets that differ by where their training started: half of what one is off by is chance"""
    def __init__(self, nets):
        super().__init__()
        self.nets = torch.nn.ModuleList(nets)

    def forward(self, x, known):
        return torch.stack([net(x, known) for net in self.nets]).mean(0)


class Tilt(torch.nn.Module):
    def __init__(self, channels, drop):
        super().__init__()
        self.reduce = torch.nn.ModuleList([torch.nn.Linear(channels, REDUCED) for _ in range(2)])
        self.hidden, self.out = torch.nn.Linear(TILT_SAMPLES * REDUCED, TILT_HIDDEN), torch.nn.Linear(TILT_HIDDEN, 1)
        self.drop, self.scale = torch.nn.Dropout(drop), 5.

    def forward(self, x, noise=0.):
        few = self.drop(reduced(self.reduce, x[:, :TILT_SAMPLES], noise))
        return self.scale * self.out(self.drop(torch.relu(self.hidden(few))))[:, 0]


def beside(joints):
    """of [n][10][2] px: each knee beside the line from hip to ankle, and that line's length: what bends and collapses are made of"""
    hip, knee, ankle = joints[:, 0:2], joints[:, 2:4], joints[:, 4:6]
    v, w = ankle - hip, knee - hip
    length = v.norm(dim=2) + 1.
    return torch.cat([(v[..., 0] * w[..., 1] - v[..., 1] * w[..., 0]) / length, length], 1)


def angles(joints):
    """of [n][10][2] px: [n][2] degrees that each knee is bent by in the picture, with the side that it bends to"""
    u, v = joints[:, 0:2] - joints[:, 2:4], joints[:, 4:6] - joints[:, 2:4]
    return torch.rad2deg(torch.atan2(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0], -(u * v).sum(2)))


def weights(d, near):
    """the working leg counts for more than the free one, feet for less; near: in profile it is the near leg that counts"""
    two, side = np.isin(d.is_['kind'], (BOTH, SITTING)), d.is_['side']
    leg = np.stack([two | (side == j % 2) for j in range(JOINTS)], 1)
    free = np.full(len(leg), .5)
    if near:
        profile = abs(d.is_['yaw']) >= 60
        leg[profile] = nearer(d)[profile][:, [j % 2 for j in range(JOINTS)]]
        free[profile] = .3
    joint = np.where(leg, 1., free[:, None])
    joint[:, 6:] *= .5
    return torch.from_numpy(np.repeat(joint, 2, 1).astype(np.float32)), torch.from_numpy(leg[:, :4].astype(np.float32))


def nearer(d):
    return np.stack([d.is_['yaw'] > 0, d.is_['yaw'] <= 0], 1)


def smooth(weight, miss, beta):
    return (weight * torch.nn.functional.smooth_l1_loss(miss, torch.zeros_like(miss), beta=beta, reduction='none')).mean()


def descend(net, rows, batch, loss_of, epochs=EPOCHS, rate=3e-3):
    """AdamW, one cycle; weights averaged over the second half"""
    steps = epochs * ((len(rows) + batch - 1) // batch)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=.15)
    average = torch.optim.swa_utils.AveragedModel(net, avg_fn=lambda a, b, n: a + (b - a) * .01)
    for epoch in range(epochs):
        for q in rows[torch.randperm(len(rows))].split(batch):
            loss = loss_of(q)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if epoch >= epochs // 2:
                average.update_parameters(net)
        print(f'epoch {epoch} loss {loss.item():.3f}', flush=True) if os.environ.get('VERBOSE') else None
    return average.module.eval()


def fit_starts(d, rows):
    return (Starts([fit_joints(d, rows, SEED + i) for i in range(STARTS)]),
            Starts([fit_yaw(d, rows, SEED + i) for i in range(YAW_STARTS)]))


def fit_joints(d, rows, seed):
    torch.manual_seed(seed)
    net = Joints(FEW, drop=.15)
    shift = torch.from_numpy((d.truth - d.base).reshape(len(d.body), -1).astype(np.float32))
    base = torch.from_numpy(d.base.astype(np.float32))
    per_joint, per_leg = weights(d, False)

    def loss_of(q):
        f = net(d.x[q].float(), d.known[q], noise=.15)
        found, true = (base[q] + s.reshape(-1, JOINTS, 2) for s in (f, shift[q]))
        return smooth(per_joint[q], f - shift[q], 1.5) + .5 * smooth(per_leg[q], beside(found) - beside(true), 1.5)
    return balanced(descend(net, torch.as_tensor(rows), 64, loss_of), d, rows)


def mean_square(weight, miss):
    """of what is left on average: small numbers of examples count for less"""
    n = weight.sum()
    return n / (n + 8) * ((weight * miss).sum() / (n + 1e-3))**2


def balanced(net, d, rows):
    """What single joints' errors leave out: picture and mirror image must give the same person; the bend in profile counts as
    an angle; and people, mannequins, straight and bent legs must not be off on average, whatever their share of the pictures."""
    base, truth = (torch.from_numpy(v.astype(np.float32)) for v in (d.base, d.truth))
    per_joint, per_leg = weights(d, True)
    bend, sides = angles(truth), beside(truth)
    shorter = torch.minimum((truth[:, 0:2] - truth[:, 2:4]).norm(dim=2), (truth[:, 4:6] - truth[:, 2:4]).norm(dim=2))
    sure = per_leg[:, :2] * (shorter / 30).clamp(max=1)**2      # a thigh that points at the camera has no direction
    profile, front = abs(d.is_['yaw']) >= 60, torch.from_numpy(abs(d.is_['yaw']) <= 30)[:, None] * per_leg[:, :2]
    bent = torch.from_numpy(profile[:, None] & nearer(d)) * (bend.abs() > 30)
    mannequin = torch.from_numpy(np.array([b[0] == 'm' for b in d.body]))[:, None]
    flexion = torch.from_numpy(np.stack([d.is_['left_flex'], d.is_['right_flex']], 1))
    other = [j ^ 1 for j in range(JOINTS)]
    net.drop.p = .05

    def loss_of(q):
        n, q = len(q), torch.cat([q, q + 1])
        f = net(d.x[q].float(), d.known[q], noise=.1).reshape(-1, JOINTS, 2)
        found, miss = base[q] + f, base[q] + f - truth[q]
        off, found_sides = (angles(found) - bend[q] + 180) % 360 - 180, beside(found)
        far = found_sides - sides[q]
        loss = smooth(per_joint[q], miss.flatten(1), 1.5) + .35 * smooth(per_leg[q], far, 1.5) + .2 * smooth(sure[q], off, 3.)
        for kind in (mannequin[q], ~mannequin[q]):
            loss = loss + .03 * mean_square(bent[q] * kind, (off * bend[q].sign()).clamp(-25, 25))
        for least, most in ((-30, 25), (25, 50), (50, 80)):
            which = (flexion[q] > least) & (flexion[q] <= most)
            loss = loss + .1 * mean_square(front[q] * which, far[:, 2:].clamp(-10, 10))
        mirrored = torch.stack([256 - found[n:, other, 0], found[n:, other, 1]], 2)
        apart = found_sides[:n] - found_sides[n:][:, [1, 0, 3, 2]] * torch.tensor([-1, -1, 1, 1])
        pair = smooth(per_joint[q[:n]], (found[:n] - mirrored).flatten(1), 1.5) + smooth(per_leg[q[:n]], apart, 1.5)
        return loss + 1.2 * pair
    return descend(net.train(), torch.as_tensor(pairs(d, rows)), 64, loss_of, BALANCE, 1.5e-3)


def pairs(d, rows):
    """the rows of pictures whose next row is their mirror image"""
    sign = d.is_['sign']
    rows = rows[rows + 1 < len(sign)]
    return rows[(sign[rows] > 0) & (sign[rows + 1] < 0)]


def fit_yaw(d, rows, seed):
    """the line of sight about people who stand on one leg or both, near the front; picture and mirror image together"""
    torch.manual_seed(seed)
    net = Yaw(FEW, drop=.2)
    y = torch.from_numpy(d.is_['sight'])
    rows = rows[(abs(d.is_['sight'][rows]) < 30) & np.isin(d.is_['kind'][rows], (ONE_LEG, BOTH))]

    def loss_of(q):
        q = torch.cat([q, q + 1])
        f = net(d.x[q].float(), d.known[q], noise=.15)[:, 0]
        there, back = f.chunk(2)
        return smooth(1., f - y[q], 2.) + .3 * smooth(1., there + back, 2.)
    return descend(net, torch.as_tensor(pairs(d, rows)), 32, loss_of, YAW_EPOCHS)


def fit_tilt(d, rows):
    """picture and mirror image together: their answers must be each other's negative"""
    torch.manual_seed(SEED)
    net = Tilt(FEW, drop=.15)
    y = torch.from_numpy(d.is_['tilt'])
    weight = torch.from_numpy(np.where(abs(d.is_['yaw']) < 50, 1., .25).astype(np.float32))

    def loss_of(q):
        f = net(torch.cat([d.x[q], d.x[q + 1]]).float(), noise=.15).reshape(2, -1)
        miss = f - torch.stack([y[q], y[q + 1]])
        return smooth(weight[q], miss, 2.) + .05 * ((f[0] + f[1])**2).mean().sqrt()
    return descend(net, torch.as_tensor(pairs(d, rows)), 32, loss_of)


def apply(nets, d, rows):
    """joints' shifts, px; the yaw and the tilt, degrees"""
    joints, yaw, tilt = nets
    with torch.no_grad():
        return torch.cat([torch.cat([joints(x, known), yaw(x, known), tilt(x)[:, None]], 1) for x, known in
                          ((d.x[q].float(), d.known[q]) for q in torch.as_tensor(rows).split(256))]).numpy()


def bend(p, signed=False):
    """of [n][3][2]: 180 degrees less the knee's angle; signed: + = the knee to the left of the line from hip to ankle"""
    u, v = p[:, 0] - p[:, 1], p[:, 2] - p[:, 1]
    turn = np.degrees(np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], -(u * v).sum(1)))
    return turn if signed else abs(turn)


def line(name, f, y, keep):
    f, y = f[keep], y[keep]
    if len(y) >= 8:
        e = f - y
        print(f'  {name:36} n {len(y):5}  mean abs {abs(e).mean():.2f}  bias {e.mean():+.2f}  gain {np.polyfit(y, f, 1)[0]:.2f}  '
              f'r {np.corrcoef(y, f)[0, 1]:.2f}  95 % {np.percentile(abs(e), 95):.1f}', flush=True)


def report(d, rows, f):
    i, n = {k: v[rows] for k, v in d.is_.items()}, np.arange(len(rows))
    yaw, side = abs(i['yaw']), i['side'].astype(int)
    near = np.where(i['yaw'] > 0, 0, 1)
    flex = np.where(side == 0, i['left_flex'], i['right_flex'])
    one, front, profile = i['kind'] == ONE_LEG, yaw <= 22, (yaw >= 68) & (yaw <= 112)
    truth = d.truth[rows]
    for name, at in (('landmarks', d.base[rows]), ('head', d.base[rows] + f[:, :-2].reshape(-1, JOINTS, 2))):
        away = np.linalg.norm(at - truth, axis=2)
        print(name)
        for what, leg, keep in (('front, working leg', side, front & one), ('profile, near leg', near, profile)):
            print(f'  {what:36} n {keep.sum():5}  px of the crop: ' +
                  '  '.join(f'{j} {away[n, 2 * k + leg][keep].mean():.2f}' for k, j in
                            enumerate(('hip', 'knee', 'ankle', 'heel', 'second toe'))))
        def of(p, leg): return np.stack([p[n, 2 * k + leg] for k in range(3)], 1)
        line('front, collapse in the picture, < 95', bend(of(at, side), True), bend(of(truth, side), True), front & one & (flex < 95))
        line('profile, bend in the picture', bend(of(at, near)), bend(of(truth, near)), profile)
        length = [np.linalg.norm(of(p, side)[:, 2] - of(p, side)[:, 0], axis=1) for p in (at, truth)]
        line('front, hip to ankle, px', length[0], length[1], front & one)
    sight = np.isin(i['kind'], (ONE_LEG, BOTH)) & (abs(i['sight']) < 12)
    line('yaw, front', f[:, -2], i['sight'], sight)
    line('yaw, standing on both legs', f[:, -2], i['sight'], sight & ~one & (np.maximum(i['left_flex'], i['right_flex']) < 30))
    tilt, y = f[:, -1] - i['turn'], i['tilt'] - i['turn']
    line('tilt, front', tilt, y, front)
    line('tilt, front, one leg', tilt, y, front & one)
    pair = np.flatnonzero((i['sign'][:-1] > 0) & (i['sign'][1:] < 0))
    both = np.full(len(y), np.nan)
    both[pair] = .5 * (tilt[pair] - tilt[pair + 1])
    line('tilt with the mirror image, front', both, y, front & np.isfinite(both))
    line('the same, one leg', both, y, front & one & np.isfinite(both))


def folded(net, d):
    """the axes and the output's scale go into the weights: a net on the features as they are"""
    if isinstance(net, Starts):
        return Starts([folded(n, d) for n in net.nets])
    out = type(net)(CHANNELS, 0.).double().eval()
    with torch.no_grad():
        for a, b in zip(out.reduce, net.double().reduce):
            a.weight.copy_(b.weight @ torch.from_numpy(d.axes.T))
            a.bias.copy_(b.bias - a.weight @ torch.from_numpy(d.mean))
        for name in ('hidden', 'out', 'direct'):
            if hasattr(out, name):
                getattr(out, name).load_state_dict(getattr(net, name).state_dict())
        out.out.weight *= net.scale
        out.out.bias *= net.scale
    out.scale = 1.
    return out


def parts(nets):
    """in the file's order; True: as [in][out]"""
    for net in [*nets[0].nets, *nets[1].nets, nets[2]]:
        a, b = net.reduce
        yield from [(a.weight, True), (b.weight, True), (a.bias, False), (b.bias, False), (net.hidden.weight, True),
                    (net.hidden.bias, False), (net.out.weight, True), (net.out.bias, False)]
        if hasattr(net, 'direct'):
            yield net.direct.weight, True


def write(nets, path):
    data = struct.pack('<8s7I', b'plleghd', 4, NETWORK_CRC32, CHANNELS, SAMPLES, REDUCED, HIDDEN, STARTS)
    data += b''.join(np.ascontiguousarray((p.T if turned else p).detach().numpy(), '<f4').tobytes() for p, turned in parts(nets))
    with open(path, 'wb') as f:
        f.write(data + struct.pack('<I', zlib.crc32(data)))


def read(path):
    v = torch.from_numpy(np.frombuffer(open(path, 'rb').read()[36:-4], '<f4').copy())
    nets = [Starts([kind(CHANNELS, 0.) for _ in range(n)]).eval() for kind, n in ((Joints, STARTS), (Yaw, YAW_STARTS))]
    nets.append(Tilt(CHANNELS, 0.).eval())
    with torch.no_grad():
        for net in [*nets[0].nets, *nets[1].nets, nets[2]]:
            net.scale = 1.
        for p, turned in parts(nets):
            n = p.numel()
            p.copy_(v[:n].reshape(p.shape[::-1]).T if turned else v[:n].reshape(p.shape))
            v = v[n:]
    return nets


def expect(path):
    i, j = np.arange(SAMPLES * CHANNELS), np.arange(KNOWN)
    x = np.stack([((i * (7 + 4 * k)) % 31 - 15) / 8 for k in range(3)]).reshape(3, SAMPLES, CHANNELS)
    points = np.zeros((3, 33, 4), np.float64)
    for k in range(3):
        points[k, LANDMARKS] = ((j * (3 + 2 * k)) % 17 / 16.).reshape(-1, 4)
    joints, yaw, tilt = (n.double() for n in read(path))
    x, points = torch.from_numpy(x), known(points).double()
    with torch.no_grad():
        for row, y, t in zip(joints(x, points).numpy(), yaw(x, points)[:, 0].numpy(), tilt(x).numpy()):
            print('{ ' + ', '.join(f'{v:.5f}' for v in [*row, y, t]) + ' },')


def main():
    if sys.argv[2] == 'expect':
        return expect(sys.argv[3])
    d = Data(sys.argv[1])
    names = np.unique(d.body)
    print(f'{len(names)} bodies, {len(d.body)} looks', flush=True)
    if sys.argv[2] == 'write':
        rows = np.arange(len(d.body))
        tilt = read(sys.argv[4])[2] if len(sys.argv) > 4 else folded(fit_tilt(d, rows), d)
        return write([*(folded(n, d) for n in fit_starts(d, rows)), tilt], sys.argv[3])
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    last = int(sys.argv[4]) if len(sys.argv) > 4 else n
    fold = dict(zip(names, np.random.default_rng(0).permutation(len(names)) % n))
    which = np.array([fold[b] for b in d.body])
    rows, f = [], []
    for k in range(last):
        train, test = np.where(which != k)[0], np.where(which == k)[0]
        f.append(apply((*fit_starts(d, train), fit_tilt(d, train)), d, test))
        rows.append(test)
    report(d, np.concatenate(rows), np.concatenate(f))


if __name__ == '__main__':
    main()
