#!/usr/bin/python3
"""clips.py PROGRAM MODELS OUT CLIP.mp4...: what the head sees of each frame of clips, followed from frame to frame, and of its
mirror image: OUT/clip_NAME.npz. STRIDE=n: every n-th frame."""
import os
import subprocess
import sys
import numpy as np
from frames import AS_IS, FOLLOW, MIRRORED, POINTS, Network


def pictures(path):
    size = subprocess.check_output(['ffprobe', '-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=width,height',
                                    '-of', 'csv=p=0', path], text=True).strip().split(',')
    w, h = int(size[0]), int(size[1])
    ff = subprocess.Popen(['ffmpeg', '-v', 'error', '-threads', '1', '-i', path, '-fps_mode', 'passthrough', '-f', 'rawvideo',
                           '-pix_fmt', 'bgr24', '-'], stdout=subprocess.PIPE)
    while True:
        data = ff.stdout.read(3 * w * h)
        if len(data) < 3 * w * h:
            return
        yield np.frombuffer(data, np.uint8).reshape(h, w, 3)


def main():
    program, models, out = sys.argv[1:4]
    stride = int(os.environ.get('STRIDE', 1))
    for path in sys.argv[4:]:
        name = os.path.splitext(os.path.basename(path))[0]
        if os.path.exists(f'{out}/clip_{name}.npz'):
            continue
        net = Network(program, models)
        frames, heads = [], []
        for k, im in enumerate(pictures(path)):
            if k % stride:
                continue
            both = net.look(im, (0, 0, 0, 0), AS_IS | MIRRORED | FOLLOW)
            if both[0][0] >= 0:
                frames.append(k)
                heads.append(np.stack(both))
        x = np.stack(heads)
        at = 9 + 3 * POINTS
        np.savez(f'{out}/clip_{name}.npz', frames=frames, region=x[:, 0, 1:5], points=x[:, :, 9:at],
                 x=x[:, :, at:].astype(np.float16))
        print(name, len(frames), flush=True)


if __name__ == '__main__':
    main()
