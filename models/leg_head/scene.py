"""blender -b --factory-startup -P scene.py -- SPEC.json OUTDIR TEXTUREDIR: the pictures and the truth of one body

Each camera's empty room once (bg*.png, half size), then per pose only the person (f*.png, with alpha), cropped: no shadow
pass, few samples. frames.py puts them together. Modules of samples/render must be on PYTHONPATH."""
import csv
import json
import os
import sys
import time
import bpy
import numpy as np
from mathutils import Matrix
for more in [os.path.dirname(os.path.abspath(__file__))] + os.environ.get('PYTHONPATH', '').split(':'):
    sys.path.insert(0, more)
import room                                                    # noqa: E402
import truth                                                   # noqa: E402
from geometry import D                                         # noqa: E402
from body import Body                                          # noqa: E402
from makehuman import Human                                    # noqa: E402
from poses import Person                                       # noqa: E402

spec_file, out, textures = sys.argv[sys.argv.index('--') + 1:][:3]
spec = json.load(open(spec_file))
W, H = spec['res']
WALLS = ('floor', 'ceiling', 'back', 'front', 'left', 'right')
os.makedirs(out, exist_ok=True)
scene = bpy.context.scene


def settings():
    r, c = scene.render, scene.cycles
    r.engine, r.resolution_x, r.resolution_y = 'CYCLES', W, H
    r.image_settings.file_format, r.image_settings.compression = 'PNG', 15
    r.use_persistent_data, r.use_crop_to_border = True, True
    r.threads_mode, r.threads = 'FIXED', spec['threads']
    scene.view_settings.view_transform, scene.view_settings.exposure = 'Standard', spec['exposure']
    c.device, c.use_adaptive_sampling, c.adaptive_threshold, c.adaptive_min_samples = 'CPU', True, .05, 4
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces, c.transparent_max_bounces = 2, 1, 1, 0, 12
    c.caustics_reflective = c.caustics_refractive = c.use_denoising = False
    c.sample_clamp_indirect, c.pixel_filter_type, c.filter_width = 3., 'BLACKMAN_HARRIS', 1.7


def multiply(m, color):
    """a material's texture times a colour"""
    link = next((x for x in m.node_tree.links if x.to_socket.name == 'Base Color'), None)
    if link:
        mix = m.node_tree.nodes.new('ShaderNodeMixRGB')
        mix.blend_type = 'MULTIPLY'
        mix.inputs[0].default_value, mix.inputs[2].default_value = 1, (*color, 1)
        m.node_tree.links.new(link.from_socket, mix.inputs[1])
        m.node_tree.links.new(mix.outputs[0], link.to_socket)


def make_room():
    room.build(textures, spec['room'], spec['light'], -.1)
    r = np.random.default_rng(spec['seed'])
    for name, color in zip(('wall_a', 'wall_b', 'wall_c', 'wood'), spec['tints']):
        if name in bpy.data.materials:
            multiply(bpy.data.materials[name], color)
    for o in scene.objects:
        if o.type == 'MESH' and o.name.split('.')[0] not in WALLS and r.random() < spec['bare']:
            o.hide_render = True
    for o, k in zip([o for o in scene.objects if o.type == 'LIGHT'], spec['lamps']):
        o.data.energy *= k
    turn = Matrix.Rotation(spec['room_turn'] * D, 4, 'Z')
    bpy.context.view_layer.update()
    for o in scene.objects:
        o.matrix_world = turn @ o.matrix_world
    return [o for o in scene.objects if o.type == 'MESH']


def person(body):
    b, objects = spec['body'], []
    for p in body.parts:
        mesh = bpy.data.meshes.new(p.name)
        mesh.from_pydata(p.V.tolist(), [], p.faces)
        mesh.polygons.foreach_set('use_smooth', np.ones(len(mesh.polygons), bool))
        if mannequin:
            mesh.update()
            mesh.materials.append(room.material(p.name, color=p.color, rough=p.rough))
            objects.append(bpy.data.objects.new(p.name, mesh))
            scene.collection.objects.link(objects[-1])
            continue
        uv = mesh.uv_layers.new()
        uv.data.foreach_set('uv', np.array([c for f in p.uv for c in f], np.float32)[:, :2].ravel())
        mesh.update()
        if not p.tex:
            m = room.material(p.name, color=p.color, rough=.85, specular=.15)
        elif p.tex == 'SKIN':
            m = room.material('skin', texture=f'{textures}/skin_{b["skin"]}.png', rough=.5, specular=.35)
        else:
            m = room.material(p.name, texture=p.tex, rough=.75, specular=.15)
            if p.name in b['tint']:
                multiply(m, b['tint'][p.name])
            if any(s in p.tex for s in ('hair', 'eyebrow', 'eyelash')):
                image = next(n for n in m.node_tree.nodes if n.type == 'TEX_IMAGE')
                m.node_tree.links.new(image.outputs['Alpha'], m.node_tree.nodes['Principled BSDF'].inputs['Alpha'])
        mesh.materials.append(m)
        o = bpy.data.objects.new(p.name, mesh)
        scene.collection.objects.link(o)
        objects.append(o)
    return objects


def loosen(body):
    """garments let out along their normals, the more the lower, as a loose shirt hangs"""
    for p in body.parts:
        by = spec['body']['loose'].get(p.name, 0.)
        if by:
            n = np.zeros_like(p.V)
            for f in p.faces:
                a, b, c = (p.V[i] for i in f[:3])
                n[list(f)] += np.cross(b - a, c - a)
            n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12)
            used = np.unique(np.concatenate([np.array(f) for f in p.faces]))
            z = p.V[:, 2]
            lo, hi = z[used].min(), z[used].max()
            p.V = p.V + n * by * np.clip(1.2 * (hi - z) / (hi - lo), .15, 1)[:, None]


def shoot(path, samples, mode, percent):
    r = scene.render
    scene.cycles.samples, r.image_settings.color_mode, r.resolution_percentage = samples, mode, percent
    r.film_transparent, r.filepath = mode == 'RGBA', path
    bpy.ops.render.render(write_still=True)


def look(camera, hfov):
    M = np.eye(4)
    M[:3, :3], M[:3, 3] = np.stack([camera.R[0], -camera.R[1], -camera.R[2]]).T, camera.pos
    scene.camera.data.sensor_fit, scene.camera.data.angle_x, scene.camera.data.clip_start = 'HORIZONTAL', hfov * D, .05
    scene.camera.matrix_world = Matrix(M.tolist())


start = time.time()
for o in list(bpy.data.objects):
    bpy.data.objects.remove(o)
settings()
furniture = make_room()
room.box('stool', (0, 0, 0), (.40, .38, 1.), room.material('stool', color=spec['tints'][3]))
stool = bpy.context.object
mannequin = 'skin' not in spec['body']
body = Body(**spec['body']['args']) if mannequin else Human(**spec['body']['args'])
if not mannequin:
    loosen(body)
objects, poser = person(body), Person(body)
cameras = [truth.Camera(W, H, c['hfov'], c['yaw'], c['dist'], c['height'], c['target'], c['roll']) for c in spec['cameras']]
scene.camera = bpy.data.objects.new('camera', bpy.data.cameras.new('camera'))
scene.collection.objects.link(scene.camera)
for o in objects + [stool]:
    o.hide_render = True
for i, c in enumerate(cameras):
    look(c, spec['cameras'][i]['hfov'])
    shoot(f'{out}/bg{i}.png', spec['room_samples'], 'RGB', 50)
for o in objects:
    o.hide_render = False
for o in furniture:
    o.visible_camera = False
rows = []
r = scene.render
r.use_border = True
for i, p in enumerate(spec['poses']):
    cs, camera = spec['cameras'][p['camera']], cameras[p['camera']]
    look(camera, cs['hfov'])
    R, Hd, seat = poser.pose(p)
    pts = truth.points(body, R, Hd)
    row = dict(frame=i, camera=p['camera'], kind=p['kind'] + ('_sit' if seat is not None else ''), side=p['side'], yaw=cs['yaw'],
               roll=cs['roll'], hfov=cs['hfov'])
    row.update(truth.angles_3d(pts, R, p['side']))
    for k, v in pts.items():
        row[f'{k}_u'], row[f'{k}_v'] = camera.project(v)
        row[f'{k}_z'] = v[2]
    vertices = body.pose(R, Hd) if mannequin else body.skin(R, Hd)
    for o, v in zip(objects, vertices):
        o.data.vertices.foreach_set('co', np.ascontiguousarray(v, np.float32).ravel())
        o.data.update()
    seen = np.concatenate(vertices)[::5]
    stool.hide_render = seat is None
    if seat is not None:
        stool.location, stool.scale = (seat[0], seat[1], seat[2] / 2), (.40, .38, seat[2])
        seen = np.concatenate([seen, [seat * [1, 1, z] + [x, y, 0] for x in (-.2, .2) for y in (-.19, .19) for z in (0, 1)]])
    uv = camera.project(seen)
    (u0, v0), (u1, v1) = uv.min(0).astype(int) - 5, uv.max(0).astype(int) + 5
    u0, v0, u1, v1 = max(0, int(u0)), max(0, int(v0)), min(W, int(u1)), min(H, int(v1))
    r.border_min_x, r.border_max_x, r.border_min_y, r.border_max_y = u0 / W, u1 / W, 1 - v1 / H, 1 - v0 / H
    row.update(u0=u0, v0=v0, u1=u1, v1=v1)
    rows.append(row)
    scene.cycles.seed = i
    shoot(f'{out}/f{i:02d}.png', spec['samples'], 'RGBA', 100)
with open(out + '/truth.csv', 'w', newline='') as f:
    w = csv.DictWriter(f, fieldnames=list(rows[0]))
    w.writeheader()
    for row in rows:
        w.writerow({k: round(float(v), 4) if isinstance(v, (float, np.floating)) else v for k, v in row.items()})
open(out + '/done', 'w').close()
print(f'done {time.time() - start:.1f} s', flush=True)
