#!/usr/bin/python3
"""train.py FEATURES_DIR check [FOLDS]          error on bodies held out, in turn
train.py FEATURES_DIR write OUT.bin             train on all, write the head that plumbline reads
train.py - expect HEAD.bin                      what PyTorch makes of made-up features: tests/keypoints/test_pelvis_head.c
train.py FEATURES_DIR clips HEAD.bin TRUTH_DIR  the clips of clips.py: change from standing, noise

Bodies, never frames, are held out. A picture and its mirror image are always in the same batch: their answers must be each
other's negative."""
import csv
import glob
import os
import struct
import sys
import zlib
import numpy as np
import torch

SAMPLES, CHANNELS, REDUCED, HIDDEN, HIP = 103, 88, 8, 32, 49
NETWORK_CRC32 = 0xfecd3a27                                     # pose_landmark_full.tflite
EPOCHS = int(os.environ.get('EPOCHS', 25))
SEED = int(os.environ.get('SEED', 1))
torch.set_num_threads(int(os.environ.get('THREADS', 1)))


def load(folder):
    """x [n][2][SAMPLES * CHANNELS] of picture and mirror image; y [n] the picture's tilt in its crop; info by name; body [n]"""
    files = sorted(f for f in glob.glob(folder + '/*.npz') if not os.path.basename(f).startswith('clip'))
    x, labels, body = [], [], []
    for f in files:
        z = np.load(f)
        n = len(z['x']) // 2
        x.append(torch.from_numpy(z['x']).reshape(n, 2, -1))
        labels.append(z['labels'].reshape(n, 2, -1))
        body += [os.path.basename(f)[:-4]] * n
    labels = np.concatenate(labels)
    assert abs(labels[:, 0, 0] + labels[:, 1, 0]).max() < .01   # a mirror image's tilt
    names = ('tilt', 'turn', 'yaw', 'frame', 'look', 'sign', 'kind', 'flex')
    return torch.cat(x), labels[:, 0, 0], {k: labels[:, 0, i] for i, k in enumerate(names)}, np.array(body)


class Head(torch.nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.reduce = torch.nn.ModuleList([torch.nn.Linear(CHANNELS, REDUCED) for _ in range(2)])
        self.hidden, self.out = torch.nn.Linear(SAMPLES * REDUCED, HIDDEN), torch.nn.Linear(HIDDEN, 1)
        self.drop = torch.nn.Dropout(drop)
        self.register_buffer('mean', torch.zeros(CHANNELS))
        self.register_buffer('scale', torch.ones(CHANNELS))
        self.degrees = 5.

    def forward(self, x, noise=0.):
        x = (x.reshape(len(x), SAMPLES, CHANNELS) - self.mean) / self.scale
        if noise:
            x = x + noise * torch.randn_like(x)
        a, b = self.reduce[0](x[:, :HIP]), self.reduce[1](x[:, HIP:])
        few = self.drop(torch.relu(torch.cat([a, b], 1)).flatten(1))
        return self.out(self.drop(torch.relu(self.hidden(few))))[:, 0] * self.degrees


def fit(x, y, info, rows, epochs, seed=SEED):
    torch.manual_seed(seed)
    head = Head(drop=.15)
    some = x[rows[::max(1, len(rows) // 400)]].float().reshape(-1, CHANNELS)
    head.mean.copy_(some.mean(0))
    head.scale.copy_(some.std(0) + 1e-3)
    weight = torch.from_numpy(np.where(info['yaw'] < 50, 1., .25).astype(np.float32))
    y, rows = torch.from_numpy(y), torch.as_tensor(rows)
    optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=2e-2)
    batch = 32
    steps = epochs * ((len(rows) + batch - 1) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=.15)
    average = torch.optim.swa_utils.AveragedModel(head, avg_fn=lambda a, b, n: a + (b - a) * .01)
    for epoch in range(epochs):
        for q in rows[torch.randperm(len(rows))].split(batch):
            f = head(x[q].float().reshape(2 * len(q), -1), noise=.15).reshape(-1, 2)
            miss = torch.stack([f[:, 0] - y[q], f[:, 1] + y[q]], 1)
            each = torch.nn.functional.smooth_l1_loss(miss, torch.zeros_like(miss), beta=2., reduction='none')
            loss = (weight[q, None] * each).mean() + .05 * ((f[:, 0] + f[:, 1])**2).mean().sqrt()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if epoch >= epochs // 2:
                average.update_parameters(head)
        print(f'epoch {epoch} loss {loss.item():.3f}', flush=True) if os.environ.get('VERBOSE') else None
    return average.module.eval()


def apply(head, x):
    with torch.no_grad():
        return torch.cat([head(p.float().reshape(2 * len(p), -1)).reshape(-1, 2) for p in x.split(256)]).numpy()


def line(name, f, y, keep):
    f, y = f[keep], y[keep]
    if len(y) < 8:
        return
    e = f - y
    print(f'{name:44} n {len(y):5}  mean abs {abs(e).mean():.2f}  bias {e.mean():+.2f}  gain {np.polyfit(y, f, 1)[0]:.2f}  '
          f'r {np.corrcoef(y, f)[0, 1]:.2f}  95 % {np.percentile(abs(e), 95):.1f}', flush=True)


def report(f, y, info, body):
    """f [n][2]: what the head says of picture and mirror image, in the crop"""
    y, f = y - info['turn'], np.stack([f[:, 0] - info['turn'], f[:, 1] + info['turn']], 1)        # tilt in the picture
    one, two = f[:, 0], .5 * (f[:, 0] - f[:, 1])
    front = info['yaw'] <= 22
    group = np.array([f'{b}/{c:.3f}' for b, c in zip(body, info['yaw'])])

    def from_standing(v):
        """minus the mean error in the standing pictures (knees below 25 degrees) of the same body and camera"""
        out = np.full(len(v), np.nan)
        for g in np.unique(group):
            m = group == g
            still = m & (info['flex'] < 25)
            if still.sum() >= 4:
                out[m] = v[m] - (v - y)[still].mean()
        return out
    for way, v in (('one picture', one), ('picture and mirror image', two)):
        print(way)
        line('  front', v, y, front)
        for k, name in enumerate(('one leg', 'both legs', 'lunge', 'sitting')):
            line('  front, ' + name, v, y, front & (info['kind'] == k))
        line('  front, both legs, a knee beyond 90', v, y, front & (info['kind'] == 1) & (info['flex'] > 90))
        line('  front, |tilt| > 5', v, y, front & (abs(y) > 5))
        line('  22 to 50 degrees', v, y, (info['yaw'] > 22) & (info['yaw'] <= 50))
        s = from_standing(v)
        ok = front & np.isfinite(s) & (info['flex'] >= 25)
        line('  front, change from standing', s, y, ok)
        line('  front, change from standing, one leg', s, y, ok & (info['kind'] == 0))
    print(f'picture plus mirror image: sd {np.std(f[:, 0] + f[:, 1]):.2f}')


def write(head, path):
    """the standardisation and the output's scale go into the weights"""
    head = head.double()
    parts = []
    for r in head.reduce:
        w = (r.weight / head.scale).detach()
        parts += [('w', w.T), ('b', (r.bias - w @ head.mean).detach())]
    order = [parts[0][1], parts[2][1], parts[1][1], parts[3][1], head.hidden.weight.T, head.hidden.bias,
             head.out.weight[0] * head.degrees, head.out.bias * head.degrees]
    data = struct.pack('<8s6I', b'plpelvis', 1, NETWORK_CRC32, CHANNELS, SAMPLES, REDUCED, HIDDEN)
    data += b''.join(np.ascontiguousarray(p.detach().numpy(), '<f4').tobytes() for p in order)
    with open(path, 'wb') as f:
        f.write(data + struct.pack('<I', zlib.crc32(data)))


def read(path):
    data = open(path, 'rb').read()
    v = torch.from_numpy(np.frombuffer(data[32:-4], '<f4').copy())
    head = Head(drop=0.)
    head.degrees = 1.
    with torch.no_grad():
        for p, n, turned in ((head.reduce[0].weight, CHANNELS * REDUCED, True), (head.reduce[1].weight, CHANNELS * REDUCED, True),
                             (head.reduce[0].bias, REDUCED, False), (head.reduce[1].bias, REDUCED, False),
                             (head.hidden.weight, SAMPLES * REDUCED * HIDDEN, True), (head.hidden.bias, HIDDEN, False),
                             (head.out.weight, HIDDEN, False), (head.out.bias, 1, False)):
            p.copy_(v[:n].reshape(p.shape[::-1]).T if turned else v[:n].reshape(p.shape))
            v = v[n:]
    return head.eval()


def expect(path):
    i = np.arange(SAMPLES * CHANNELS)
    x = torch.from_numpy(np.stack([((i * (7 + 4 * k)) % 31 - 15) / 8 for k in range(3)])).double()
    with torch.no_grad():
        print(', '.join(f'{v:.6f}' for v in read(path).double()(x)))


def clips(folder, head, truth):
    """the person's left side higher is +; truth: folders with NAME.csv, separated by ':'"""
    for path in sorted(glob.glob(folder + '/clip_*.npz')):
        z, name = np.load(path), os.path.basename(path)[5:-4]
        turn = np.degrees(z['region'][:, 3])
        f = apply(head, torch.from_numpy(z['x']).float()) + np.stack([-turn, turn], 1)
        one, two = f[:, 0], .5 * (f[:, 0] - f[:, 1])
        smooth = np.convolve(np.pad(one, 2, mode='edge'), np.ones(5) / 5, 'valid')
        p = z['points'][:, 0].reshape(-1, 33, 3)[:, :, :2]
        stock = np.degrees(np.arctan2(-(p[:, 23, 1] - p[:, 24, 1]), p[:, 23, 0] - p[:, 24, 0])) - turn
        csvs = [f'{d}/{name}.csv' for d in truth.split(':') if os.path.exists(f'{d}/{name}.csv')]
        if csvs:
            rows = [r for k, r in enumerate(csv.DictReader(open(csvs[0]))) if k in set(z['frames'])]
            y = np.array([float(r['pelvis_obliquity_leftup']) for r in rows])
            depth = np.array([float(r['depth']) for r in rows])
            phase = np.array([r['phase'] for r in rows])
            stand, bottom = (phase == 'stand') & (depth < .05), depth > .85
            if stand.sum() < 3:
                stand = depth < .05
        else:                                                  # two-legged squats: how far the hips are above the ankles
            tall = (p[:, [27, 28], 1].mean(1) - p[:, [23, 24], 1].mean(1)) * z['region'][:, 2]
            stand, bottom, y = tall > np.quantile(tall, .75), tall < np.quantile(tall, .15), np.full(len(tall), np.nan)
        change = [v[bottom].mean() - v[stand].mean() for v in (y, stock, one, two)]
        print(f'{name[:34]:34} change: true {change[0]:+5.1f} hips {change[1]:+5.1f} head {change[2]:+5.1f} with mirror '
              f'{change[3]:+5.1f} | standing: true {y[stand].mean():+5.1f} head {one[stand].mean():+5.1f} with mirror '
              f'{two[stand].mean():+5.1f} | noise {np.std(one - smooth) / .894:.2f} sum {np.std(f.sum(1)):.2f}', flush=True)


def main():
    if sys.argv[2] == 'expect':
        return expect(sys.argv[3])
    if sys.argv[2] == 'clips':
        return clips(sys.argv[1], read(sys.argv[3]), sys.argv[4])
    x, y, info, body = load(sys.argv[1])
    names = np.unique(body)
    print(f'{len(names)} bodies, {len(y)} pictures and their mirror images', flush=True)
    if sys.argv[2] == 'write':
        head = fit(x, y, info, np.arange(len(y)), EPOCHS)
        write(head, sys.argv[3])
        return
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    fold = np.random.default_rng(0).permutation(len(names)) % n
    fold = dict(zip(names, fold))
    which = np.array([fold[b] for b in body])
    f = np.zeros((len(y), 2), np.float32)
    for k in range(n):
        head = fit(x, y, info, np.where(which != k)[0], EPOCHS)
        f[which == k] = apply(head, x[which == k])
    np.savez(os.environ.get('SAVE', 'check.npz'), f=f, y=y, body=body, **info)
    report(f, y, info, body)


if __name__ == '__main__':
    main()
