"""What is exactly true in one pose: joint positions, joint angles, and both as a pinhole camera sees them."""
import numpy as np
from geometry import D, F, U, angle, unit, rot_z, sign

NAMES = (('l', 'left'), ('r', 'right'))


def fppa(hip, knee, ankle, k):
    """frontal plane projection angle, orthographic in the x-z plane, + = knee medial"""
    thigh, shank = hip - knee, knee - ankle
    return sign(k) * (np.arctan2(thigh[0], thigh[2]) - np.arctan2(shank[0], shank[2])) / D


def points(body, R, H):
    """3D points of a pose; R, H: rotation and head position of each bone"""
    def on(bone, p):
        return H[bone] + R[bone] @ (p - body.bones[bone]['head'])
    pts = {}
    for k, n in NAMES:
        pts[n + '_hip'], pts[n + '_knee'], pts[n + '_ankle'] = H['thigh_' + k], H['calf_' + k], H['foot_' + k]
        pts[n + '_heel'] = on('foot_' + k, body.mark[k]['heel'])
        pts[n + '_toe'] = on('ball_' + k, body.mark[k]['toe'])
        pts[n + '_foot_index'] = on('ball_' + k, body.mark[k]['toeanat'])
        pts[n + '_shoulder'], pts[n + '_elbow'], pts[n + '_wrist'] = H['upperarm_' + k], H['lowerarm_' + k], H['hand_' + k]
        # front of the iliac crest: 9 cm above, 5 cm in front of and 1 cm lateral to the hip joint, scaled
        asis = body.joint[k + '-upper-leg'] + np.array([sign(k) * .01, -.05, .09]) * body.height / 1.75
        pts[n + '_asis'] = on('pelvis', asis)
        pts[n + '_eye'] = on('head', body.joint[k + '-eye'])
    pts['nose'] = on('head', (body.joint['l-eye'] + body.joint['r-eye']) / 2 + np.array([0, -.022, -.045]))
    return pts


def angles_3d(pts, R, side, heading=0.):
    """anatomical angles in the person's own planes; heading = where the person faces (0 = along -y)"""
    G = rot_z(-heading)
    pts = {k: G @ v for k, v in pts.items()}
    o = {}
    for k, n in NAMES:
        hip, knee, ankle = pts[n + '_hip'], pts[n + '_knee'], pts[n + '_ankle']
        shank, thigh = knee - ankle, hip - knee
        o[n + '_knee_flex'] = angle(thigh, shank)
        o[n + '_fppa'] = fppa(hip, knee, ankle, k)
        o[n + '_shank_fwd'] = np.arctan2(shank @ F, shank @ U) / D
        o[n + '_thigh_fwd'] = np.arctan2(-(thigh @ F), thigh @ U) / D
        foot = (pts[n + '_toe'] - pts[n + '_heel']) * np.array([1, 1, 0])
        length = np.linalg.norm(foot)
        o[n + '_knee_over_toe'] = ((knee - pts[n + '_toe']) @ (foot / length)) / length    # + = past the shoe tip
        o[n + '_foot_len'] = length
    a = pts['left_asis'] - pts['right_asis']
    obliquity = np.arctan2(a[2], np.hypot(a[0], a[1])) / D
    o['pelvis_obliquity_leftup'] = obliquity
    o['pelvic_drop'] = obliquity * sign(side)                  # + = the side opposite to the working leg is lower
    up = G @ R['pelvis'] @ U
    o['pelvis_ant_tilt'] = np.arctan2(up @ F, up @ U) / D
    trunk = (pts['left_shoulder'] + pts['right_shoulder']) / 2 - (pts['left_hip'] + pts['right_hip']) / 2
    o['trunk_lean_lat_ipsi'] = sign(side) * np.arctan2(trunk[0], trunk @ U) / D
    o['trunk_lean_fwd'] = np.arctan2(trunk @ F, trunk @ U) / D
    return o


def angles_2d(px, side):
    """the same formulas on projected joints, in pixels: what a perfect detector could measure"""
    o = {}
    for k, n in NAMES:
        thigh, shank = px[n + '_hip'] - px[n + '_knee'], px[n + '_knee'] - px[n + '_ankle']
        d = (np.arctan2(thigh[0], -thigh[1]) - np.arctan2(shank[0], -shank[1])) / D
        d = (d + 180) % 360 - 180
        o[n + '_img_hka'] = d
        o[n + '_img_knee_flex'] = abs(d)
        o[n + '_img_fppa'] = d * sign(k)                       # camera in front: the person's left is image right
    v = px['left_hip'] - px['right_hip']
    o['img_hip_tilt_leftup'] = np.arctan2(-v[1], abs(v[0]) + 1e-9) / D
    o['img_pelvic_drop'] = o['img_hip_tilt_leftup'] * sign(side)
    return o


class Camera:
    """pinhole; yaw 0 = in front of the person, +90 = at the person's left"""

    def __init__(self, w, h, hfov, yaw, dist, height, target=(0, 0, .9), roll=0.):
        self.w, self.h = w, h
        self.f = w / 2 / np.tan(hfov * D / 2)
        at = np.array(target, float)
        self.pos = np.array([at[0], at[1], 0]) + np.array([np.sin(yaw * D), -np.cos(yaw * D), 0.]) * dist
        self.pos[2] = height
        z = unit(at - self.pos)
        x = unit(np.cross(z, U))
        self.R = np.stack([x, np.cross(z, x), z])              # rows: right, down, forward
        if roll:
            self.R = rot_z(roll) @ self.R

    def project(self, p):
        c = (np.asarray(p) - self.pos) @ self.R.T
        return np.stack([self.w / 2 + self.f * c[..., 0] / c[..., 2], self.h / 2 + self.f * c[..., 1] / c[..., 2]], -1)
