"""The room: walls, floor, furniture, lights. Runs inside Blender."""
import bpy
import numpy as np
from geometry import D

X0, X1, Y0, Y1, TOP = -3.0, 3.7, -4.2, 2.1, 2.6                # the room, metres
WALLS = dict(a=('wall_a', 'wall_b'), b=('wall_b', 'wall_c'), c=('wall_c', 'wall_a'))


def material(name, color=None, texture=None, rough=.6, scale=None, specular=.3):
    m = bpy.data.materials.new(name)
    m.use_nodes = True
    nodes, link = m.node_tree.nodes, m.node_tree.links.new
    shader = nodes['Principled BSDF']
    shader.inputs['Roughness'].default_value = rough
    shader.inputs['Specular'].default_value = specular
    if color is not None:
        shader.inputs['Base Color'].default_value = (*color, 1)
    if texture:
        image = nodes.new('ShaderNodeTexImage')
        image.image = bpy.data.images.load(texture, check_existing=True)
        link(image.outputs['Color'], shader.inputs['Base Color'])
        if scale:
            uv, mapping = nodes.new('ShaderNodeTexCoord'), nodes.new('ShaderNodeMapping')
            mapping.inputs['Scale'].default_value = (scale[0], scale[1], 1)
            link(uv.outputs['UV'], mapping.inputs['Vector'])
            link(mapping.outputs['Vector'], image.inputs['Vector'])
    return m


def add(o, name, scale, m):
    o.name, o.scale = name, scale
    o.data.materials.append(m)


def box(name, at, size, m, turn=0):
    bpy.ops.mesh.primitive_cube_add(size=1, location=at)
    bpy.context.object.rotation_euler[2] = turn * D
    add(bpy.context.object, name, size, m)


def plane(name, at, sx, sy, turn, m):
    bpy.ops.mesh.primitive_plane_add(size=1, location=at, rotation=[r * D for r in turn])
    add(bpy.context.object, name, (sx, sy, 1), m)


def cone(at, m, **shape):
    bpy.ops.mesh.primitive_cone_add(location=at, **shape)
    bpy.context.object.data.materials.append(m)


def lamp(name, at, turn, size, power, color):
    light = bpy.data.lights.new(name, 'AREA')
    light.energy, light.color, light.shape = power, color, 'RECTANGLE'
    light.size, light.size_y = size
    o = bpy.data.objects.new(name, light)
    o.location, o.rotation_euler = at, [r * D for r in turn]
    bpy.context.scene.collection.objects.link(o)


def step(distance, height):
    """an aerobics step: where the feet stand on it, metres in front of the origin; its top"""
    box('step', (0, -distance - .06, height / 2), (.9, .40, height), material('step', color=(.30, .31, .34), rough=.7))


def build(tex, style, light, rug_y):
    def picture(name):
        return material(name, texture=f'{tex}/{name}.png')
    cx, cy, w, d = (X0 + X1) / 2, (Y0 + Y1) / 2, X1 - X0, Y1 - Y0
    wall1, wall2 = (material(n, texture=f'{tex}/{n}.png', rough=.9, scale=(3, 1.5)) for n in WALLS[style])
    white, brown, dark = material('white', (.82, .81, .78), rough=.8), material('brown', (.16, .09, .05)), material('dark', (.05, .05, .06))
    sofa = material('sofa', (.22, .24, .30), rough=.95)
    plane('floor', (cx, cy, 0), w, d, (0, 0, 90), material('wood', texture=f'{tex}/wood.png', rough=.45, scale=(4, 4)))
    plane('ceiling', (cx, cy, TOP), w, d, (180, 0, 0), white)
    plane('back', (cx, Y1, TOP / 2), w, TOP, (90, 0, 0), wall1)
    plane('front', (cx, Y0, TOP / 2), w, TOP, (90, 0, 180), wall2)
    plane('left', (X0, cy, TOP / 2), d, TOP, (90, 0, 90), wall2)
    plane('right', (X1, cy, TOP / 2), d, TOP, (90, 0, -90), wall1)
    box('skirting', (cx, Y1 - .01, .05), (w, .02, .1), white)
    box('skirting', (X0 + .01, cy, .05), (.02, d, .1), white)
    # back wall: books, two pictures, a door, a plant
    books = picture('books')
    for z in (.35, .75, 1.15, 1.55):
        box('board', (1.55, Y1 - .16, z), (.95, .30, .03), brown)
        if z < 1.5:
            plane('books', (1.55, Y1 - .20, z + .16), .9, .28, (90, 0, 0), books)
    box('side', (1.06, Y1 - .16, .8), (.03, .30, 1.6), brown)
    box('side', (2.04, Y1 - .16, .8), (.03, .30, 1.6), brown)
    plane('shelf back', (1.55, Y1 - .02, .8), .95, 1.6, (90, 0, 0), dark)
    for i, (x, z, pw, ph) in enumerate(((-.95, 1.55, .55, .42), (.35, 1.75, .34, .44))):
        box('frame', (x, Y1 - .012, z), (pw + .06, .02, ph + .06), dark)
        plane('picture', (x, Y1 - .025, z), pw, ph, (90, 0, 0), picture(f'paint{i}'))
    box('door', (-2.2, Y1 - .02, 1.0), (.85, .04, 2.0), material('door', (.62, .58, .50)))
    box('handle', (-1.88, Y1 - .06, 1.0), (.04, .06, .04), material('metal', (.6, .6, .6), rough=.3))
    px, py = -1.35, Y1 - .35
    cone((px, py, .15), material('pot', (.5, .2, .1)), radius1=.13, radius2=.17, depth=.3)
    leaf, r = material('leaf', (.06, .22, .06)), np.random.default_rng(3)
    for _ in range(26):
        a, t, n = r.uniform(0, 360), r.uniform(10, 55), r.uniform(.35, .75)
        cone((px + .5 * n * np.sin(t * D) * np.cos(a * D), py + .25 * n * np.sin(t * D) * np.sin(a * D), .3 + .5 * n * np.cos(t * D)),
             leaf, vertices=5, radius1=.035, radius2=.004, depth=n, rotation=(0, t * D, a * D))
    # left wall: sofa, picture, cabinet
    box('seat', (X0 + .45, -.9, .22), (.8, 1.9, .42), sofa)
    box('rest', (X0 + .14, -.9, .55), (.22, 1.9, .6), sofa)
    box('arm', (X0 + .45, .1, .35), (.8, .18, .5), sofa)
    box('cushion', (X0 + .42, -1.4, .52), (.16, .42, .40), material('cushion', (.6, .25, .12)), turn=8)
    box('frame', (X0 + .012, -.6, 1.6), (.02, .9, .55), dark)
    plane('picture', (X0 + .025, -.6, 1.6), .82, .47, (90, 0, 90), picture('paint2'))
    box('cabinet', (X0 + .25, 1.3, .45), (.45, .8, .9), brown)
    box('television', (X0 + .2, 1.3, 1.2), (.05, .75, .45), dark)
    box('rug', (0, rug_y, .0005), (1.0, 1.9, .002), material('rug', texture=f'{tex}/rug.png', rough=.95))
    k, warm = light.get('power', 1.), light.get('warm', 0.)
    color = (1, 1 - .18 * warm, 1 - .42 * warm)
    lamp('ceiling', (.3, -1.0, 2.55), (0, 0, 0), (1.0, 1.0), 70 * k, color)
    lamp('window', (3.6, -1.6, 1.5), (0, 90, 0), (1.2, 1.4), 120 * k, (.92, .97, 1.0))
    lamp('fill', (-1.6, -4.0, 1.8), (75, 0, -20), (1.5, 1.0), 35 * k, color)
    world = bpy.data.worlds.new('world')
    world.use_nodes = True
    world.node_tree.nodes['Background'].inputs[1].default_value = .02
    bpy.context.scene.world = world
