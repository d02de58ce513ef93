/**
 * Networks of dense layers as ONNX files (onnx.proto of github.com/onnx/onnx, IR version 8, operator set 13), which ONNX
 * Runtime and others read. A file is one protocol buffer: fields of a number, a wire type and a value.
 */
import {
  ANYTHING,
  checkArguments,
  listOf,
  NUMBERS,
  objectWith,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";

/** A layer y = f(x W + b). */
export interface OnnxLayer {
  /** Names its tensors. */
  readonly name: string;
  /** W, row-major, inputs by outputs. */
  readonly weight: Float32Array;
  /** b, as many as there are outputs. */
  readonly bias: Float32Array;
  /** f, an operator of ONNX of one number; the identity unless given. */
  readonly activation?: "Tanh" | "Sigmoid" | "Relu" | "Softplus";
}

/** Layers one after the other, and what goes in and comes out. */
export interface OnnxNetwork {
  /** Of the graph. */
  readonly name: string;
  /** Of what goes in: float32 over "batch", of any size, and the inputs of the first layer. */
  readonly input: string;
  /** Of what comes out: float32 over "batch" and the outputs of the last layer. */
  readonly output: string;
  /** At least one. */
  readonly layers: readonly OnnxLayer[];
}

const NETWORK = objectWith({
  name: TEXT,
  input: TEXT,
  output: TEXT,
  layers: listOf(objectWith({ name: TEXT, weight: NUMBERS, bias: NUMBERS, activation: ANYTHING })),
});

/**
 * The file as bytes.
 *
 * @throws SurmiseError if there is no layer, or the sizes of two that follow one another do not fit.
 *
 * @example
 * const hidden = { name: "hidden", weight, bias, activation: "Tanh" } as const;
 * writeFileSync("decoder.onnx", encodeOnnx({ name: "decoder", input: "z", output: "x", layers: [hidden, pixels] }));
 */
export function encodeOnnx(network: OnnxNetwork): Uint8Array {
  checkArguments("encodeOnnx", { network }, NETWORK);
  const { name, input, output, layers } = network;
  if (layers.length === 0) throw new SurmiseError("encodeOnnx: a network has at least one layer");
  const sizes = layers.map((layer) => sizesOf(layer));
  layers.slice(1).forEach((layer, i) => {
    if (sizes[i].outputs === sizes[i + 1].inputs) return;
    throw new SurmiseError(
      `encodeOnnx: layer '${layers[i].name}' has ${sizes[i].outputs} outputs, and '${layer.name}' after it ` +
        `${sizes[i + 1].inputs} inputs`,
    );
  });
  let from = input;
  const nodes = layers.flatMap((layer, i) => {
    const to = i === layers.length - 1 ? output : `${layer.name}.output`;
    const { activation } = layer;
    const affine = activation === undefined ? to : `${layer.name}.affine`;
    const gemm = node("Gemm", [from, `${layer.name}.weight`, `${layer.name}.bias`], affine);
    from = to;
    return activation === undefined ? [gemm] : [gemm, node(activation, [affine], to)];
  });
  const initializers = layers.flatMap((layer, i) => {
    const { inputs, outputs } = sizes[i];
    return [
      tensorOf(`${layer.name}.weight`, [inputs, outputs], layer.weight),
      tensorOf(`${layer.name}.bias`, [outputs], layer.bias),
    ];
  });
  const graph = message([
    ...nodes.map((each) => bytesField(1, each)),
    textField(2, name),
    ...initializers.map((each) => bytesField(5, each)),
    bytesField(11, infoOf(input, sizes[0].inputs)),
    bytesField(12, infoOf(output, sizes[sizes.length - 1].outputs)),
  ]);
  return message([
    numberField(1, IR_VERSION),
    textField(2, "surmise"),
    bytesField(7, graph),
    bytesField(8, message([textField(1, ""), numberField(2, OPERATORS)])),
  ]);
}

const IR_VERSION = 8;
const OPERATORS = 13;
/** The code of float32. */
const FLOAT = 1;

function sizesOf({ name, weight, bias }: OnnxLayer) {
  const outputs = bias.length;
  const inputs = weight.length / outputs;
  if (Number.isInteger(inputs) && inputs > 0) return { inputs, outputs };
  throw new SurmiseError(
    `encodeOnnx: layer '${name}' has ${weight.length} weights, no multiple of its ${outputs} outputs`,
  );
}

/** NodeProto. */
function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return message([
    ...inputs.map((each) => textField(1, each)),
    textField(2, output),
    textField(3, output),
    textField(4, operator),
  ]);
}

/** TensorProto of float32, little-endian. */
function tensorOf(name: string, sizes: readonly number[], data: Float32Array): Uint8Array {
  const raw = new Uint8Array(4 * data.length);
  const view = new DataView(raw.buffer);
  data.forEach((x, i) => {
    view.setFloat32(4 * i, x, true);
  });
  return message([
    ...sizes.map((size) => numberField(1, size)),
    numberField(2, FLOAT),
    textField(8, name),
    bytesField(9, raw),
  ]);
}

/** ValueInfoProto of float32 over "batch" and so many elements. */
function infoOf(name: string, size: number): Uint8Array {
  const shape = message([
    bytesField(1, message([textField(2, "batch")])),
    bytesField(1, message([numberField(1, size)])),
  ]);
  const type = message([bytesField(1, message([numberField(1, FLOAT), bytesField(2, shape)]))]);
  return message([textField(1, name), bytesField(2, type)]);
}

/** Fields one after the other. */
function message(fields: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const field of fields) {
    bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

/** A number, seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

const numberField = (field: number, value: number) => message([varint(field * 8), varint(value)]);
const bytesField = (field: number, value: Uint8Array) =>
  message([varint(field * 8 + 2), varint(value.length), value]);
const textField = (field: number, text: string) =>
  bytesField(field, new TextEncoder().encode(text));
