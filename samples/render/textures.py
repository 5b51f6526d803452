#!/usr/bin/python3
"""textures.py DIR: floor, walls, pictures, books and rug, all made from random numbers"""
import os
import sys
import numpy as np
from PIL import Image


def clouds(n, octaves, seed, base=4):
    r = np.random.default_rng(seed)
    out, a, total = np.zeros((n, n), np.float32), 1., 0
    for k in range(octaves):
        m = min(n, base * 2**k)
        im = Image.fromarray((r.random((m, m)) * 255).astype('u1')).resize((n, n), Image.BICUBIC)
        out += a * (np.asarray(im, np.float32) / 255 - .5)
        total += a
        a *= .6
    return out / total


def save(im, path):
    Image.fromarray(np.clip(im, 0, 255).astype('u1')).save(path)


def wood(path, n=1024, seed=5, planks=10):
    r = np.random.default_rng(seed)
    im, w = np.zeros((n, n, 3), np.float32), n // planks
    for i in range(planks):
        off = r.integers(0, n)
        base = np.array([150, 104, 66]) * (1 + .18 * r.normal())
        streaks = (np.random.default_rng(seed + i).random((24, max(2, w // 3))) * 255).astype('u1')
        streaks = np.asarray(Image.fromarray(streaks).resize((w, n), Image.BICUBIC), np.float32) / 255 - .5
        plank = base[None, None] * (1 + .22 * streaks[..., None])
        plank[:, :2] *= .55
        plank[off:off + 2] *= .55
        im[:, i * w:(i + 1) * w] = plank
    save(im * (1 + .10 * clouds(n, 7, seed + 9, 8)[..., None]), path)


def wall(path, color, seed, stripes=False, n=1024):
    im = np.ones((n, n, 3), np.float32) * np.array(color) * (1 + .05 * clouds(n, 8, seed, 6)[..., None])
    if stripes:
        im *= (1 - ((np.arange(n) // 32) % 2) * .06)[None, :, None]
    save(im, path)


def painting(path, seed, n=256):
    im = np.stack([128 + 180 * clouds(n, 4, seed * 7 + c, 3) for c in range(3)], -1)
    save(im + np.random.default_rng(seed).uniform(-50, 50, 3), path)


def rug(path, seed=2, n=256):
    im = np.ones((n, n, 3), np.float32) * np.array([70, 90, 120])
    im[(np.arange(n) // 16) % 2 == 0] *= .85
    save(im * (1 + .15 * clouds(n, 7, seed, 16)[..., None]), path)


def books(path, seed=4):
    r = np.random.default_rng(seed)
    im, x = np.zeros((256, 512, 3), 'u1'), 0
    while x < 512:
        w, h = int(r.integers(8, 26)), int(r.integers(150, 250))
        im[256 - h:, x:x + w] = r.integers(20, 220, 3)
        im[256 - h:, x:x + 1] = 10
        im[256 - h + 20:256 - h + 26, x + 2:x + w - 2] = 220
        x += w
    save(im, path)


d = sys.argv[1]
os.makedirs(d, exist_ok=True)
wood(f'{d}/wood.png')
wall(f'{d}/wall_a.png', (205, 200, 188), 8)
wall(f'{d}/wall_b.png', (150, 170, 180), 9, stripes=True)
wall(f'{d}/wall_c.png', (120, 128, 112), 10)
for i in range(3):
    painting(f'{d}/paint{i}.png', i + 1)
rug(f'{d}/rug.png')
books(f'{d}/books.png')
