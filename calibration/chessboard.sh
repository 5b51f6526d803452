#!/usr/bin/env bash
# Prints the chessboard as SVG, in millimetres on A4 landscape: 9 x 6 inner corners, squares of 25 mm, and a ruler of 100 mm.
#
#   calibration/chessboard.sh >calibration/chessboard.svg
set -eu
cols=10 rows=7 square=25 width=297 height=210
left=$(((width - cols * square) / 2)) top=12

cat <<SVG
<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 $width $height">
<rect width="$width" height="$height" fill="white"/>
<path fill="black" d="
SVG
for ((y = 0; y < rows; y++)); do
    for ((x = y % 2; x < cols; x += 2)); do
        printf 'M%d %dh%dv%dh-%dz' $((left + x * square)) $((top + y * square)) $square $square $square
    done
    echo
done
cat <<SVG
"/>
<path fill="none" stroke="black" stroke-width=".3" d="M$left 199v-4h100v4M$((left + 50)) 195v2"/>
<text x="$((left + 104))" y="199" font-family="sans-serif" font-size="4">This line is 100 mm long when printed at 100 %
("actual size"). plumbline: 9 x 6 inner corners, 25 mm.</text>
</svg>
SVG
