#!/usr/bin/python3
"""frames.py PROGRAM MODELS OUT BODY...: the rendered person on a room or on a made-up background, made to look like a webcam's
picture; then what the network has to say about it: OUT/BODY.npz.

PROGRAM: features.c, built. BODY: a folder of scene.py, or NAME=LABELS.csv=FOLDER for finished frames, FOLDER + column file.
Each picture is looked at in a region near the truth and in the region that follows from it, plain and mirrored."""
import csv
import math
import os
import struct
import subprocess
import sys
import cv2
import numpy as np

POINTS, SAMPLES, CHANNELS = 33, 139, 88
RECORD = 9 + 4 * POINTS + SAMPLES * CHANNELS
JOINTS = [(s, j) for j in ('hip', 'knee', 'ankle', 'heel', 'foot_index') for s in ('left', 'right')]
KINDS = dict(sls=0, one_leg=0, squat=1, both=1, lunge=2, both_sit=3)
AS_IS, MIRRORED, FOLLOW = 1, 2, 4


class Network:
    def __init__(self, program, models):
        self.p = subprocess.Popen([program, models], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def look(self, bgr, region, flags=AS_IS | MIRRORED):
        """one record for each of the two flags: certainty, region[4], next region[4], points, features"""
        h, w = bgr.shape[:2]
        self.p.stdin.write(struct.pack('<3i4f', w, h, flags, *region) + np.ascontiguousarray(bgr[:, :, ::-1]).tobytes())
        self.p.stdin.flush()
        return [np.frombuffer(self.p.stdout.read(4 * RECORD), np.float32) for f in (AS_IS, MIRRORED) if flags & f]


def clutter(r, w, h):
    """a background of boxes, stripes and clouds in any colours"""
    im = np.ones((h, w, 3), np.float32) * r.uniform(20, 230, 3)
    for _ in range(r.integers(3, 40)):
        x, y, a, b = r.integers(0, w), r.integers(0, h), r.integers(4, w // 2), r.integers(4, h // 2)
        color = [float(c) for c in r.uniform(0, 255, 3)]
        if r.random() < .7:
            cv2.rectangle(im, (int(x - a // 2), int(y - b // 2)), (int(x + a // 2), int(y + b // 2)), color, -1)
        else:
            cv2.line(im, (int(x), int(y)), (int(r.integers(0, w)), int(r.integers(0, h))), color, int(r.integers(1, 12)))
    clouds = cv2.resize(r.normal(0, 1, (h // 24, w // 24, 3)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur(im + r.uniform(0, 25) * clouds, (0, 0), r.uniform(.3, 4))


def foot_shadow(row, w, h):
    sh = np.zeros((h, w), np.float32)
    for s in ('left', 'right'):
        z = min(row[s + '_heel_z'], row[s + '_toe_z'])
        if z < .12:
            ends = [(int(row[f'{s}_{p}_u']), int(row[f'{s}_{p}_v'])) for p in ('heel', 'toe')]
            cv2.line(sh, *ends, float(1 - 6 * z), max(4, int(w * .022)))
    return np.clip(.5 * cv2.GaussianBlur(sh, (0, 0), w * .009) + .6 * cv2.GaussianBlur(sh, (0, 0), w * .03), 0, .6)[..., None]


def webcam(im, r):
    h, w = im.shape[:2]
    im = cv2.GaussianBlur(im, (0, 0), r.uniform(.25, .9))
    if r.random() < .15:                                       # motion blur
        k = np.zeros((9, 9), np.float32)
        a, n = r.uniform(0, math.pi), r.uniform(1, 4)
        cv2.line(k, (int(4 - n * math.cos(a)), int(4 - n * math.sin(a))), (int(4 + n * math.cos(a)), int(4 + n * math.sin(a))), 1)
        im = cv2.filter2D(im, -1, k / k.sum())
    im = 255 * np.clip(im / 255, 0, 1)**r.uniform(.7, 1.4) * r.uniform(.75, 1.2) * r.uniform(.9, 1.1, 3) + r.uniform(-10, 10)
    n = r.uniform(.5, 5.)
    im = im + n * r.normal(0, 1, (h, w, 1)) + n * cv2.GaussianBlur(r.normal(0, 1, (h, w, 3)).astype(np.float32), (0, 0), 1.)
    return cv2.imdecode(cv2.imencode('.jpg', np.clip(im, 0, 255).astype('u1'), [1, int(r.integers(60, 92))])[1], 1)


def composed(folder, rows, r):
    rooms = {}
    for i, row in enumerate(rows):
        c = cv2.imread(f'{folder}/f{i:02d}.png', cv2.IMREAD_UNCHANGED)
        alpha = c[..., 3:].astype(np.float32) / 255
        person = cv2.bilateralFilter(np.ascontiguousarray(c[..., :3]), 5, 22, 1.5).astype(np.float32)
        cam, (u, v) = int(row['camera']), (int(row['u0']), int(row['v0']))
        if cam not in rooms:
            bg = cv2.fastNlMeansDenoisingColored(cv2.imread(f'{folder}/bg{cam}.png'), None, 7, 7, 5, 11)
            rooms[cam] = cv2.resize(bg, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC).astype(np.float32)
        room = rooms[cam]
        h, w = room.shape[:2]
        im = clutter(r, w, h) if r.random() < .4 or room.mean() < 8 else room.copy()
        im *= 1 - foot_shadow(row, w, h)
        a, b = alpha.shape[:2]
        im[v:v + a, u:u + b] = im[v:v + a, u:u + b] * (1 - alpha) + person * alpha
        yield row, webcam(im, r)


def region_near(row, r):
    """about what the detector or the tracker would give"""
    def at(k):
        return np.array([row[k + '_u'], row[k + '_v']])
    hip, chest = .5 * (at('left_hip') + at('right_hip')), .5 * (at('left_shoulder') + at('right_shoulder'))
    ends = [s + k for s in ('left_', 'right_') for k in ('toe', 'heel', 'wrist', 'eye')]
    reach = max(np.hypot(*(at(k) - hip)) for k in ends) * r.uniform(1., 1.2)
    up = chest - hip
    turn = math.atan2(up[0], -up[1]) * r.uniform(.3, 1.1) + r.normal(0, .05)
    return (*(hip + r.normal(0, .04 * reach, 2)), 2.5 * reach, turn)


def numbers(row):
    return {k: float(v) if k not in ('kind', 'side', 'file', 'working_side', 'spec') else v for k, v in row.items()}


def in_crop(region, u, v):
    """0..1 of the region"""
    cx, cy, size, turn = region
    c, s, dx, dy = math.cos(turn), math.sin(turn), u - cx, v - cy
    return .5 + (dx * c + dy * s) / size, .5 + (-dx * s + dy * c) / size


def sight_of(row, width):
    """the line of sight about the person: the camera's yaw about the room, less how far aside of its axis the hips are"""
    if 'hfov' in row:
        aside = (row['left_hip_u'] + row['right_hip_u'] - width) * math.tan(math.radians(row['hfov'] / 2)) / width
    else:
        aside = (row['left_hip_cx'] + row['right_hip_cx']) / (row['left_hip_cz'] + row['right_hip_cz'])
    return row['yaw'] - math.degrees(math.atan(aside))


def truth_of(row, sign, width, x):
    """joints in the crop and the labels of train.py; sign -1: the mirror image, whose left leg is the right one"""
    def of(side):
        return side if sign > 0 else ('right' if side == 'left' else 'left')
    y = []
    for side, joint in JOINTS:
        u, v = row[f'{of(side)}_{joint}_u'], row[f'{of(side)}_{joint}_v']
        y.append(in_crop(x[1:5], u if sign > 0 else width - u, v))
    # the tilt in the picture: the true one, less the camera's roll (which turns the left side down)
    tilt, turn = sign * (row['pelvis_obliquity_leftup'] - row['roll']), math.degrees(x[4])
    works = row.get('side', row.get('working_side'))[0] == 'l'
    return y, (tilt + turn, turn, sign * row['yaw'], row['frame'], 0, sign, KINDS[row['kind']], row[of('left') + '_knee_flex'],
               row[of('right') + '_knee_flex'], 0 if works == (sign > 0) else 1, x[3], sign * sight_of(row, width))


def main():
    program, models, out = sys.argv[1:4]
    net = Network(program, models)
    for body in sys.argv[4:]:
        if '=' in body:
            name, labels, folder = body.split('=')
            rows = [numbers(q) for q in csv.DictReader(open(labels)) if q['spec'] == name]
            pictures = ((q, cv2.imread(f'{folder}/{q["file"]}')) for q in rows)
        else:
            name = os.path.basename(body.rstrip('/'))
            rows = [numbers(q) for q in csv.DictReader(open(body + '/truth.csv'))]
            pictures = None
        if os.path.exists(f'{out}/{name}.npz'):
            continue
        r = np.random.default_rng(int(name[1:]) + dict(h=1000, m=5000).get(name[0], 0))
        xs, points, ys, labels = [], [], [], []
        for row, im in pictures or composed(body, rows, r):
            if pictures and r.random() < .6:
                im = webcam(im.astype(np.float32), r)
            region = region_near(row, r)
            for look in range(2):
                plain, mirrored = net.look(im, region)
                if plain[0] < .5 or mirrored[0] < .5:
                    break
                for sign, x in ((1, plain), (-1, mirrored)):
                    y, label = truth_of(row, sign, im.shape[1], x)
                    ys.append(y)
                    labels.append(label[:4] + (look,) + label[5:])
                    points.append(x[9:9 + 4 * POINTS])
                    xs.append(x[9 + 4 * POINTS:].astype(np.float16))
                region = plain[5:9]
        np.savez(f'{out}/{name}.npz', x=np.stack(xs), points=np.stack(points), y=np.array(ys, np.float32),
                 labels=np.array(labels, np.float32))
        print(name, len(xs), flush=True)


if __name__ == '__main__':
    main()
