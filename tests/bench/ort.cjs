// ONNX Runtime as a child of the benchmark: node ort.cjs FOLDER MODEL.onnx INPUT.f32 THREADS
// Each line on standard input, a number, is answered by as many run times in milliseconds; the line "out" by the outputs,
// as a file name per line.
const fs = require('fs')
const ort = require(require('path').join(process.argv[2], 'node_modules', 'onnxruntime-node'))
const [model, input, threads] = process.argv.slice(3)

async function main() {
    const session = await ort.InferenceSession.create(model, {
        intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
        executionProviders: ['cpu'], logSeverityLevel: 3
    })
    const bytes = fs.readFileSync(input)
    const data = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    const feeds = { input: new ort.Tensor('float32', data, [1, Math.sqrt(data.length / 3), Math.sqrt(data.length / 3), 3]) }
    let outputs = await session.run(feeds)
    for await (const line of require('readline').createInterface({ input: process.stdin })) {
        const answer = []
        if (line === 'out') {
            for (let i = 0; `out${i}` in outputs; i++) {
                const values = outputs[`out${i}`].data
                const name = `${model}.out${i}`
                fs.writeFileSync(name, Buffer.from(values.buffer, values.byteOffset, values.byteLength))
                answer.push(name)
            }
        } else {
            for (let i = 0; i < Number(line); i++) {
                const began = process.hrtime.bigint()
                outputs = await session.run(feeds)
                answer.push((Number(process.hrtime.bigint() - began) / 1e6).toFixed(4))
            }
        }
        process.stdout.write(answer.join(' ') + '\n')
    }
}
main().catch(e => { process.stderr.write(`${e.message}\n`); process.exit(1) })
