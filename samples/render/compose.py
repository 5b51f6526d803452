#!/usr/bin/python3
"""compose.py RENDERDIR OUT.mp4: paste the rendered person on the room, make it look like a webcam (blur, sensor noise, MJPEG), encode.

The file is kept under LIMIT bytes (the spec's "limit_bytes") by raising the quantiser until it fits."""
import json, os, subprocess, sys
import cv2
import numpy as np

NOISE = dict(none=(0, 0), normal=(1.3, .7), dim=(5.0, 2.5))     # luma, chroma, in grey levels

d, out = sys.argv[1:3]
truth = json.load(open(d + '/truth.json'))
W, H = truth['res']
spec = truth['spec']
LIMIT = spec.get('limit_bytes', 1900000)
noise = NOISE[spec.get('noise', 'normal')]
q = W / 640
rng = np.random.default_rng(7)
bg = cv2.fastNlMeansDenoisingColored(cv2.imread(d + '/bg.png'), None, 4, 4, 5, 15).astype(np.float32)


def shadow(sh, b0):
    """brightness of the room with the person in it over the empty room, at two scales:
    smooth everywhere (the path tracer is noisy), finer only where the shadow is deep, at the feet"""
    h, w = b0.shape[:2]
    big = cv2.resize(sh, (w, h), interpolation=cv2.INTER_LINEAR)

    def ratio(k):
        return ((cv2.GaussianBlur(big, (0, 0), k) + 3).sum(2) / (cv2.GaussianBlur(b0, (0, 0), k) + 3).sum(2))

    def soft(r, dead):
        return 1 - np.clip((1 - r - dead) * 1.15, 0, .75)
    ra = np.minimum(soft(ratio(6 * q), .07), soft(ratio(2.5 * q), .22)).astype(np.float32)
    ra = cv2.GaussianBlur(ra, (0, 0), 1.5 * q)
    edge = [np.minimum(1, (np.minimum(np.arange(n), np.arange(n)[::-1]) + .5) / 12) for n in (h, w)]
    return (1 - (1 - ra) * edge[0][:, None] * edge[1][None])[..., None].astype(np.float32)


def cutout(i):
    """the person's colours, continued past the edge, and how much of each pixel the person covers"""
    crop = cv2.imread(f'{d}/f{i:04d}.png', cv2.IMREAD_UNCHANGED)
    alpha = crop[..., 3:].astype(np.float32) / 255
    solid = (alpha > .9).astype(np.float32)
    near = cv2.GaussianBlur(crop[..., :3] * solid, (0, 0), 2) / np.maximum(cv2.GaussianBlur(solid, (0, 0), 2), 1e-3)[..., None]
    return np.where(solid > 0, crop[..., :3], near).astype('u1'), alpha


def grain():
    """how noisy the path tracer left the person, in grey levels"""
    seen = []
    for i in range(0, truth['frames'], 15):
        color, alpha = cutout(i)
        if (alpha > .9).sum() > 2000:
            seen.append(cv2.absdiff(color, cv2.medianBlur(color, 3))[alpha[..., 0] > .9].mean())
    return np.mean(seen)


def frame(i, u0, v0):
    color, alpha = cutout(i)
    h, w = color.shape[:2]
    if speckled:
        color = cv2.medianBlur(color, 3)                       # not always: it thins the eyes
    person = cv2.fastNlMeansDenoisingColored(color, None, 7, 8, 5, 11).astype(np.float32)
    b0 = bg[v0:v0 + h, u0:u0 + w]
    im = bg.copy()
    im[v0:v0 + h, u0:u0 + w] = b0 * shadow(cv2.imread(f'{d}/s{i:04d}.png').astype(np.float32), b0) * (1 - alpha) + person * alpha
    im = cv2.GaussianBlur(im, (0, 0), .55 * q)
    luma = rng.normal(0, 1, (H, W, 1)).astype(np.float32) * noise[0] * np.sqrt(np.maximum(im, 4) / 128.)
    chroma = cv2.GaussianBlur(rng.normal(0, 1, (H, W, 3)).astype(np.float32), (0, 0), 1.0) * 3 * noise[1]
    im = np.clip(im + luma + chroma, 0, 255).astype('u1')
    return cv2.imdecode(cv2.imencode('.jpg', im, [cv2.IMWRITE_JPEG_QUALITY, 88])[1], 1)


speckled = grain() > 10
raw = d + '/raw.mkv'
ff = subprocess.Popen(['ffmpeg', '-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'bgr24', '-s', f'{W}x{H}', '-r', str(truth['fps']), '-i', '-',
                       '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p', '-colorspace', 'smpte170m', raw], stdin=subprocess.PIPE)
for i, u0, v0, _, _ in truth['regions']:
    ff.stdin.write(frame(i, u0, v0).tobytes())
ff.stdin.close()
if ff.wait():
    sys.exit('ffmpeg failed')
for crf in range(20, 40):
    subprocess.check_call(['ffmpeg', '-v', 'error', '-y', '-i', raw, '-c:v', 'libx264', '-preset', 'medium', '-crf', str(crf),
                           '-map_metadata', '-1', '-movflags', '+faststart', out])
    if os.path.getsize(out) < LIMIT:
        break
os.remove(raw)
print(out, 'crf', crf, os.path.getsize(out))
