#!/usr/bin/python3
"""bodies.py FIRST LAST DIR [MORE]: one spec for each seed from FIRST to LAST-1: a person, clothes, a room, three cameras (one
from the front, one more or less, one from the side), 36 poses; and MORE with the mannequin of the samples.

Drawn wide on purpose: poses that nobody would call an exercise keep the head from learning that level is likely."""
import json
import math
import sys
import numpy as np

POSES_PER_CAMERA = 12
MEN = ['male_casualsuit02', 'male_casualsuit03', 'male_casualsuit04', 'male_casualsuit05', 'male_casualsuit06', 'male_worksuit01']
WOMEN = ['female_casualsuit01', 'female_sportsuit01', 'male_casualsuit04', 'male_casualsuit02']
ARMS = ['hips', 'front', 'side', 'clasp', 'low', 'belly', 'thighs', 'back', 'open', 'high']


class Draw:
    def __init__(self, seed):
        self.r = np.random.default_rng(seed)

    def u(self, lo, hi):
        return float(self.r.uniform(lo, hi))

    def pick(self, items):
        return items[int(self.r.integers(len(items)))]

    def chance(self, p):
        return bool(self.r.random() < p)

    def color(self, lo, hi):
        return [float(x) for x in np.clip(self.u(lo, hi) * self.r.uniform(.5, 1.5, 3), .01, 1)]


def clothes(d, male):
    """MakeHuman garments, whole or only the upper half, and legwear made from the body's own tights"""
    def rgb(lo, hi):
        return ','.join(f'{x:.3f}' for x in d.color(lo, hi))
    tops = MEN if male else WOMEN
    way = d.u(0, 1)
    if way < .25:
        return [d.pick(tops)]
    if d.chance(.55):
        legs = f'tights:shorts:{d.u(.0, .65):.2f}:1.10:{d.u(.005, .07):.3f}:{rgb(.02, .6)}'
    else:
        legs = f'tights:leggings:-1.05:1.12:{d.u(.002, .03):.3f}:{rgb(.01, .5)}'
    if way < .45:                                              # a long loose shirt over the hips
        return [legs, f'tights:shirt:{d.u(.55, 1.02):.2f}:{d.u(1.95, 2.15):.2f}:{d.u(.02, .07):.3f}:{rgb(.05, .8)}']
    return [d.pick([t for t in tops if t != 'female_sportsuit01']) + '#top', legs]


def one_leg(d):
    flex = d.u(5, 90) if d.chance(.8) else d.u(3, 14)
    return dict(kind='one_leg', flex=flex, fppa=d.u(-10, 25), drop=d.u(-10, 14), lateral=d.u(-8, 14), beta=d.u(0, 9),
                shank=d.u(.3, .6), forward=d.u(0, 40) * min(1, .2 + flex / 60), toe_out=d.u(-2, 20), foot_x=d.u(.02, .11),
                turn=d.u(-14, 14), tilt=d.u(0, .55), free_hip=d.u(-25, 60), free_knee=d.u(15, 100), free_out=d.u(-2, 16))


def both(d, low, wide, lean):
    return dict(kind='both', low=low, stance=wide, drop=d.u(-10, 10), shift=d.u(-.07, .07), turn=d.u(-9, 9), back=d.u(.1, .55),
                toe_out=d.u(0, 15) + 45 * max(0, wide - .3), knees=d.u(-14, 14), forward=lean, lateral=d.u(-8, 8), tilt=d.u(0, .6))


def pose(d, side_view):
    way = d.u(0, 1)
    if side_view and d.chance(.3):
        way = .95
    if way < .44:
        p = one_leg(d)
    elif way < .55:
        p = both(d, d.u(.93, .995), d.u(.12, .45), d.u(0, 8))
    elif way < .70:
        p = both(d, d.u(.62, .95), d.u(.15, .6), d.u(2, 40))
    elif way < .84:
        p = both(d, d.u(.28, .66), d.u(.2, .95), d.u(5, 50))
    elif way < .91:
        p = both(d, d.u(.50, .62), d.u(.12, .6), d.u(-8, 45))
        p.update(seat=True, back=d.u(.85, 1.05))
    else:
        p = dict(kind='lunge', flex=d.u(15, 100), shank=d.u(0, 35), stride=d.u(.45, .95), stance=d.u(.12, .32),
                 fppa=d.u(-8, 18), drop=d.u(-9, 9), forward=d.u(0, 25), lateral=d.u(-8, 8), pitch=d.u(20, 60), turn=d.u(-8, 8))
    arms = d.pick(ARMS)
    p.update(side=d.pick('lr'), arms=arms if d.chance(.75) else dict(l=arms, r=d.pick(ARMS)),
             reach=[[d.u(-1, 1) for _ in range(3)] for _ in 'lr'], head=[d.u(-25, 25), d.u(-15, 25)])
    return p


def camera(d, i):
    hfov = d.u(52, 78)
    near = 2.05 / (2 * math.tan(math.radians(hfov / 2)) * .75)
    way = d.u(0, 1)
    if i == 0 or i == 1 and way < .5:
        yaw = d.u(-20, 20)
    elif i == 1:
        yaw = d.pick([-1, 1]) * (d.u(20, 45) if way < .85 else d.u(45, 70))
    else:
        yaw = d.pick([-1, 1]) * d.u(68, 112)
    return dict(hfov=hfov, yaw=yaw, dist=near * d.u(1., 1.3), height=d.u(.3, 1.4),
                target=[d.u(-.15, .15), 0, d.u(.72, .90)], roll=d.u(-2.5, 2.5))


def spec(seed):
    d = Draw(30000 + seed)
    male = d.chance(.5)
    gender = 'male' if male else 'female'
    outfit = clothes(d, male)
    hair = d.pick(['short01', 'short02', 'short03', 'short04'] if male else
                  ['ponytail01', 'bob02', 'bob02', 'ponytail01', 'short03'])
    shoes = f'shoes0{d.r.integers(1, 7)}'
    shape = f'{gender}-young-averagemuscle-averageweight'
    targets = [[f'targets/proportions/{shape}-uncommonproportions.target.gz', d.u(0, .6)],
               [f'targets/height/{shape}-{d.pick(["max", "min"])}height.target.gz', d.u(0, .35)]]
    person = dict(gender=gender, ethnic=d.pick(['caucasian', 'african', 'asian']),
                  muscle=d.pick(['min', 'average', 'average', 'max']), weight=d.pick(['min', 'average', 'average', 'max']),
                  outfit=outfit, hair=hair, shoes=shoes, height=d.u(1.5, 1.95),
                  eyes=d.pick(['brown', 'blue', 'green', 'grey']), extra_targets=targets)
    worn = [o for o in outfit if not o.startswith('tights')]
    return dict(
        name=f'b{seed:03d}', seed=seed, res=[512, 384], samples=7, room_samples=6, threads=1,
        room=d.pick('abc'), room_turn=d.u(-25, 25), bare=d.u(0, .8),
        tints=[d.color(.45, 1.1) for _ in range(4)], exposure=d.u(-.4, .6),
        light=dict(power=d.u(.6, 1.7), warm=d.u(0, 1)), lamps=[d.u(.4, 1.6) for _ in range(3)],
        body=dict(skin=d.pick(['light', 'medium', 'dark', 'tan']), tint={n: d.color(.25, 1.) for n in worn + [shoes, hair]},
                  args=person, loose={n: d.u(0, .035) if d.chance(.6) else 0. for n in worn}),
        cameras=[camera(d, i) for i in range(3)],
        poses=[dict(pose(d, i // POSES_PER_CAMERA == 2), camera=i // POSES_PER_CAMERA) for i in range(3 * POSES_PER_CAMERA)])


def mannequin(seed):
    """the body that the samples are rendered with, in any colours and sizes"""
    d, s = Draw(40000 + seed), spec(seed)
    args = {k: d.color(.05, .8) for k in ('skin', 'hair', 'shirt', 'shorts', 'shoe', 'sock')}
    return dict(s, name=f'm{seed:03d}', body=dict(args=dict(args, height=d.u(1.55, 1.92))))


if __name__ == '__main__':
    first, last, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if len(sys.argv) > 4:                                      # the last so many
        for s in range(last, last + int(sys.argv[4])):
            with open(f'{folder}/m{s:03d}.json', 'w') as f:
                json.dump(mannequin(s), f)
    for s in range(first, last):
        with open(f'{folder}/b{s:03d}.json', 'w') as f:
            json.dump(spec(s), f)
