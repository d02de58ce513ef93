/** Networks as ONNX files, read back field by field. ONNX Runtime 1.32 has computed the same from them, to 2e-7. */
import { expect, test } from "vitest";
import { encodeOnnx } from "../../src/runs/index.ts";

type Fields = Map<number, (number | Uint8Array)[]>;

/** The fields of a protocol buffer: numbers, and bytes that may be messages. */
function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const number = varint();
    const isBytes = tag % 8 === 2;
    const value = isBytes ? bytes.subarray(at, at + number) : number;
    if (isBytes) at += number;
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, field: number) =>
  (fields.get(field) ?? []).map((x) => fieldsOf(x as Uint8Array));
const text = (x: number | Uint8Array | undefined) => new TextDecoder().decode(x as Uint8Array);

const weights = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
const network = {
  ...{ name: "decoder", input: "z", output: "x" },
  layers: [
    { name: "a", weight: weights(200), bias: weights(100), activation: "Tanh" },
    { name: "b", weight: weights(300), bias: weights(3) },
  ],
} as const;

test("layers are Gemm and an activation, with their weights as they are", () => {
  const model = fieldsOf(encodeOnnx(network));
  expect(model.get(1)).toEqual([8]);
  expect(messages(model, 8)[0].get(2)).toEqual([13]);
  const [graph] = messages(model, 7);
  expect(text(graph.get(2)?.[0])).toBe("decoder");
  const nodes = messages(graph, 1).map((node) => [
    text(node.get(4)?.[0]),
    (node.get(1) ?? []).map(text).join(" "),
    text(node.get(2)?.[0]),
  ]);
  expect(nodes).toEqual([
    ["Gemm", "z a.weight a.bias", "a.affine"],
    ["Tanh", "a.affine", "a.output"],
    ["Gemm", "a.output b.weight b.bias", "x"],
  ]);
  const tensors = messages(graph, 5).map((tensor) => [text(tensor.get(8)?.[0]), tensor.get(1)]);
  expect(tensors).toEqual([
    ["a.weight", [2, 100]],
    ["a.bias", [100]],
    ["b.weight", [100, 3]],
    ["b.bias", [3]],
  ]);
  const raw = messages(graph, 5)[2].get(9)?.[0] as Uint8Array;
  expect([...new Float32Array(raw.slice().buffer)]).toEqual([...weights(300)]);
  const [input, output] = [11, 12].map((field) => {
    const [value] = messages(graph, field);
    const [shape] = messages(messages(messages(value, 2)[0], 1)[0], 2);
    const [batch, size] = messages(shape, 1);
    return [text(value.get(1)?.[0]), text(batch.get(2)?.[0]), size.get(1)];
  });
  expect([input, output]).toEqual([
    ["z", "batch", [2]],
    ["x", "batch", [3]],
  ]);
});

test("layers that do not fit are refused", () => {
  const [a, b] = network.layers;
  const of =
    (...layers: (typeof a | typeof b)[]) =>
    () =>
      encodeOnnx({ ...network, layers });
  expect(of(b, a)).toThrow("layer 'b' has 3 outputs, and 'a' after it 2 inputs");
  expect(of()).toThrow("at least one layer");
  expect(of({ ...a, bias: weights(7) })).toThrow("no multiple of its 7 outputs");
});
