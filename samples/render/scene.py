"""blender -b --factory-startup -P scene.py -- SPEC.json OUTDIR TEXTUREDIR: truth.csv, truth.json and the pictures of one sample.

The empty room is rendered once; per frame only the person (f*.png, with alpha) and, at half size, the room with
the person's shadow (s*.png), both cropped to the person. compose.py puts them together.
"no_render": true in the spec: the truth only, in a second."""
import csv
import json
import os
import sys
import time
import bpy
import numpy as np
from mathutils import Matrix
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import room                                                    # noqa: E402
import truth                                                   # noqa: E402
from body import Body                                          # noqa: E402
from geometry import D                                         # noqa: E402
from motion import Motion, make_reps                           # noqa: E402
from poser import Poser                                        # noqa: E402

spec_file, out, textures = sys.argv[sys.argv.index('--') + 1:][:3]
spec = json.load(open(spec_file))
W, H = spec['res']
fps, motion = spec['fps'], dict(spec['motion'], dur=spec['dur'])
motion['reps'] = make_reps(spec['dur'], motion['period'], motion['first'], motion.get('rest', .15), seed=motion.get('seed', 1), n=motion.get('n_reps', 99))
frames, side = int(round(spec['dur'] * fps)), motion['side']
name = 'left' if side == 'l' else 'right'
os.makedirs(out, exist_ok=True)
scene = bpy.context.scene


def settings():
    r, c = scene.render, scene.cycles
    r.engine, r.resolution_x, r.resolution_y, r.resolution_percentage = 'CYCLES', W, H, 100
    r.image_settings.file_format, r.image_settings.compression = 'PNG', 15
    r.use_persistent_data, r.use_border, r.use_crop_to_border = True, False, True
    r.threads_mode, r.threads = 'FIXED', spec.get('threads', 2)
    scene.view_settings.view_transform = 'Standard'
    scene.view_settings.exposure = spec.get('exposure', 0.)
    c.device, c.use_adaptive_sampling, c.adaptive_threshold, c.adaptive_min_samples = 'CPU', True, spec.get('adapt', .03), 12
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces = 2, 1, 1, 0
    c.caustics_reflective = c.caustics_refractive = c.use_denoising = False
    c.sample_clamp_indirect, c.pixel_filter_type, c.filter_width = 3., 'BLACKMAN_HARRIS', 1.7


def person(body):
    objects = []
    for p in body.parts:
        mesh = bpy.data.meshes.new(p.name)
        mesh.from_pydata(p.V.tolist(), [], p.faces)
        mesh.polygons.foreach_set('use_smooth', np.ones(len(mesh.polygons), bool))
        mesh.materials.append(room.material(p.name, color=p.color, rough=p.rough, specular=.15))
        mesh.update()
        o = bpy.data.objects.new(p.name, mesh)
        scene.collection.objects.link(o)
        smooth = o.modifiers.new('smooth', 'SUBSURF')
        smooth.levels = smooth.render_levels = 1
        objects.append(o)
    return objects


def look(camera):
    data = bpy.data.cameras.new('camera')
    o = bpy.data.objects.new('camera', data)
    data.sensor_fit, data.angle_x, data.clip_start = 'HORIZONTAL', spec['camera']['hfov'] * D, .05
    M = np.eye(4)
    M[:3, :3], M[:3, 3] = np.stack([camera.R[0], -camera.R[1], -camera.R[2]]).T, camera.pos
    o.matrix_world = Matrix(M.tolist())
    scene.collection.objects.link(o)
    scene.camera = o


def shoot(path, samples, mode='RGB', percent=100):
    r = scene.render
    scene.cycles.samples, r.image_settings.color_mode, r.resolution_percentage = samples, mode, percent
    r.film_transparent, r.filepath = mode == 'RGBA', path
    bpy.ops.render.render(write_still=True)


def region(camera, vertices):
    """the part of the picture that the person and the shadow around the feet can touch: u0, v0, u1, v1"""
    v = np.concatenate(vertices)[::7]
    floor = v * np.array([1, 1, 0])
    around = [floor + np.array([x, y, 0]) for x, y in ((.25, .1), (-.25, .1), (0, -.2), (0, .3))]
    uv = camera.project(np.concatenate([v] + around))
    (u0, v0), (u1, v1) = uv.min(0).astype(int) - 14, uv.max(0).astype(int) + 14
    u0, v0, u1, v1 = max(0, u0), max(0, v0), min(W, u1), min(H, v1)
    if u1 - u0 < 16 or v1 - v0 < 16:
        return 0, 0, 16, 16                                    # nobody in the picture
    return int(u0 - u0 % 2), int(v0 - v0 % 2), int(u1), int(v1)


def true_row(i, R, Hd, info):
    pts = truth.points(body, R, Hd)
    px = {k: camera.project(v) for k, v in pts.items()}
    row = dict(frame=i, t=round(i / fps, 4), rep=info['rep'], depth=info['depth'], phase=info['phase'], working_side=name)
    row.update(truth.angles_3d(pts, R, side, info.get('heading', 0.)))
    row.update(truth.angles_2d(px, side))
    for k, v in pts.items():
        row.update({f'{k}_{axis}': x for axis, x in zip('xyz', v)})
    for k, v in px.items():
        row[f'{k}_u'], row[f'{k}_v'] = v
    return row


def repetition_table(rows):
    out = []
    for i, (t0, T, _) in enumerate(motion['reps']):
        mine = [r for r in rows if r['rep'] == i]
        if not mine:
            continue
        if 'lunge' in motion['kind']:                          # the knee bends in the step, too: that is not the bottom
            mine = [r for r in mine if r['depth'] > .5] or mine
        elif motion['kind'] == 'step_up':                      # the leg on the step is loaded when the hips begin to rise
            mine = [r for r in mine if .1 < r['depth'] < .4 and r['t'] < t0 + .5 * T] or mine
        elif motion['kind'] == 'stance':
            mine = mine[len(mine) // 2:][:1]
        b = max(mine, key=lambda r: r[name + '_knee_flex'])
        out.append(dict(
            rep=i, t_start=round(t0, 3), t_end=round(t0 + T, 3), t_bottom=b['t'], bottom_frame=b['frame'],
            peak_knee_flex=round(b[name + '_knee_flex'], 2), fppa_at_bottom=round(b[name + '_fppa'], 2),
            img_fppa_at_bottom=round(b[name + '_img_fppa'], 2), pelvic_drop_at_bottom=round(b['pelvic_drop'], 2),
            knee_over_toe_at_bottom=round(b[name + '_knee_over_toe'], 3),
            max_knee_over_toe=round(max(r[name + '_knee_over_toe'] for r in mine), 3),
            trunk_lean_fwd_at_bottom=round(b['trunk_lean_fwd'], 2)))
    return out


for o in list(bpy.data.objects):
    bpy.data.objects.remove(o)
settings()
room.build(textures, spec.get('room', 'a'), spec.get('light', {}), -.4 if motion['kind'] == 'lunge' else -.1)
if 'height' in motion:
    room.step(motion['distance'], motion['height'])
furniture = [o for o in scene.objects if o.type == 'MESH']
cs = spec['camera']
camera = truth.Camera(W, H, cs['hfov'], cs['yaw'], cs['dist'], cs['height'], cs['target'], cs.get('roll', 0.))
look(camera)
body = Body(**spec['body'].get('args', {}))
moving = Motion(Poser(body), motion)
draw = not spec.get('no_render')
if draw:
    shoot(out + '/bg.png', spec.get('bg_spp', 160))
skin = person(body)
rows, regions, seconds = [], [], []
for i in range(frames):
    R, Hd, info = moving.pose(i / fps)
    rows.append(true_row(i, R, Hd, info))
    if not draw:
        continue
    start = time.time()
    vertices = body.pose(R, Hd)
    for o, v in zip(skin, vertices):
        o.data.vertices.foreach_set('co', np.ascontiguousarray(v, np.float32).ravel())
        o.data.update()
    u0, v0, u1, v1 = region(camera, vertices)
    r = scene.render
    r.use_border = True
    r.border_min_x, r.border_max_x, r.border_min_y, r.border_max_y = u0 / W, u1 / W, 1 - v1 / H, 1 - v0 / H
    regions.append((i, u0, v0, u1, v1))
    scene.cycles.seed = i
    for hide, objects in ((False, skin), (True, furniture)):   # the person alone, lit by the room
        for o in objects:
            o.visible_camera = not hide
    shoot(f'{out}/f{i:04d}.png', spec['spp'], mode='RGBA')
    for hide, objects in ((True, skin), (False, furniture)):   # the room alone, shaded by the person
        for o in objects:
            o.visible_camera = not hide
    shoot(f'{out}/s{i:04d}.png', spec['spp_shadow'], percent=50)
    seconds.append(time.time() - start)
    if i % 10 == 0:
        print(f'frame {i}/{frames} {seconds[-1]:.2f}s', flush=True)

with open(out + '/truth.csv', 'w', newline='') as f:
    w = csv.DictWriter(f, fieldnames=list(rows[0]))
    w.writeheader()
    for row in rows:
        w.writerow({k: round(float(v), 4) if isinstance(v, (float, np.floating)) else v for k, v in row.items()})
json.dump(dict(
    **{k: spec[k] for k in ('name', 'exercise', 'told', 'view', 'side', 'expected') if k in spec}, spec=spec, fps=fps, frames=frames, res=[W, H],
    camera=dict(f_px=camera.f, pos=camera.pos.tolist(), R_world_to_cam=camera.R.tolist(), cx=W / 2, cy=H / 2),
    reps=repetition_table(rows), body_height=body.height, regions=regions,
    render_s_per_frame=float(np.mean(seconds)) if seconds else None), open(out + '/truth.json', 'w'), indent=1)
print('done', flush=True)
