"""Vectors and rotations. World: x = the person's left, -y = forward, z = up; metres; angles in degrees."""
import numpy as np

D = np.pi / 180
X = np.array([1., 0, 0])      # person's left
F = np.array([0, -1., 0])     # forward
U = np.array([0, 0, 1.])      # up


def unit(v):
    return v / np.linalg.norm(v)


def rot_x(a):
    c, s = np.cos(a * D), np.sin(a * D)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rot_y(a):
    c, s = np.cos(a * D), np.sin(a * D)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rot_z(a):
    c, s = np.cos(a * D), np.sin(a * D)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def rot_axis(axis, a):
    k = unit(axis)
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    a *= D
    return np.eye(3) + np.sin(a) * K + (1 - np.cos(a)) * K @ K


def rotation_vector(R):
    th = np.arccos(np.clip((np.trace(R) - 1) / 2, -1, 1))
    if th < 1e-9:
        return np.zeros(3)
    return th / (2 * np.sin(th)) * np.array([R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])


def slerp(A, B, t):
    """rotation at part t of the way from A to B"""
    v = rotation_vector(A.T @ B) * t
    th = np.linalg.norm(v)
    return A @ (np.eye(3) if th < 1e-12 else rot_axis(v / th, th / D))


def align(d0, a0, d1, a1):
    """the rotation that takes direction d0 to d1, and a0 as far towards a1 as that allows"""
    def frame(d, a):
        d = unit(d)
        a = unit(a - d * (a @ d))
        return np.stack([a, d, np.cross(a, d)], 1)
    return frame(d1, a1) @ frame(d0, a0).T


def angle(a, b):
    return np.arccos(np.clip(unit(a) @ unit(b), -1, 1)) / D


def bisect(f, lo, hi, n=50):
    flo = f(lo)
    for _ in range(n):
        mid = .5 * (lo + hi)
        fm = f(mid)
        if (fm > 0) == (flo > 0):
            lo, flo = mid, fm
        else:
            hi = mid
    return .5 * (lo + hi)


def smooth(u):
    """0..1 with no speed and no acceleration at either end"""
    u = np.clip(u, 0, 1)
    return u * u * u * (10 - 15 * u + 6 * u * u)


def sign(k):
    """+1 for the left leg, -1 for the right: the direction of x that is lateral"""
    return 1 if k == 'l' else -1


def other(k):
    return 'r' if k == 'l' else 'l'
