/** An array of a file as axes and tensors: what a model file is given as its data where these are no table. */
import {
  Axis,
  checkArguments,
  listOf,
  NUMBER,
  NUMBERS,
  objectWith,
  SurmiseError,
  TEXT,
  type Tensor,
  tensor,
} from "../tensor/internal.ts";

/** Numbers over several axes, such as pictures, with what is said of each element of the first axis. */
export interface NumberArray {
  /** For messages. */
  readonly name: string;
  /** Row-major, the last axis fastest. */
  readonly data: Uint8Array | Int32Array | Float32Array | Float64Array;
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** A label for each element of the first axis: the folder that a picture was in. */
  readonly labels?: readonly string[];
}

/**
 * An array for models: an NPY file, an IDX file, or a folder of PNG pictures.
 *
 * @example
 * const grey = array("picture", "row", "column"); // whole numbers from 0 to 255
 * const [picture, row, column] = grey.axes;
 * const ink = cast(grey.gt(127), "float32");
 */
export interface Arrays {
  /**
   * The numbers, of the type they have in the file, over axes of these names, the outermost first. The same object at each
   * call.
   *
   * @throws SurmiseError unless there is a name for each axis, no two the same, and the same names at each call.
   */
  array(...axes: string[]): Tensor;
  /**
   * Of pictures in folders, one for each kind: the kinds as an axis of this name, in alphabetical order, and the position
   * along it of each picture, int32 over the first axis of `array`, which is called before.
   *
   * @throws SurmiseError if there are no labels, or `array` was not called.
   */
  labels(axis: string): { readonly axis: Axis; readonly positions: Tensor };
}

/** The array of a file, for models. */
export function arraysOf(file: NumberArray): Arrays {
  checkArguments(
    "arraysOf",
    { file },
    objectWith({ name: TEXT, data: NUMBERS, shape: listOf(NUMBER) }),
  );
  const { name, data, shape, labels } = file;
  let made: Tensor | undefined;
  const kinds = new Map<string, ReturnType<Arrays["labels"]>>();
  const refuse = (what: string): never => {
    throw new SurmiseError(`${name}: ${what}`);
  };
  return {
    array(...names) {
      checkArguments("array", { names }, listOf(TEXT));
      const sizes = `axes of sizes ${shape.join(", ")}`;
      if (names.length !== shape.length) {
        refuse(`array has ${sizes}, and needs as many names; it is given ${names.length}`);
      }
      const twice = names.find((each, i) => names.indexOf(each) < i);
      if (twice !== undefined) refuse(`array is given two axes of the name '${twice}'`);
      made ??= tensor(
        data,
        names.map((each, i) => new Axis(each, shape[i])),
      );
      const before = made.axes.map((a) => a.name);
      if (before.join() !== names.join()) {
        refuse(`array has the axes ${before.join(", ")} already: give it the same names again`);
      }
      return made;
    },
    labels(axisName) {
      checkArguments("labels", { axisName }, TEXT);
      if (labels === undefined) {
        return refuse("there are no labels: pictures have them that lie in a folder for each kind");
      }
      if (made === undefined)
        return refuse("call array before labels, which are over its first axis");
      const known = kinds.get(axisName);
      if (known !== undefined) return known;
      const sorted = [...new Set(labels)].sort();
      const axis = new Axis(axisName, sorted.length, sorted);
      const at = Int32Array.from(labels, (label) => sorted.indexOf(label));
      const found = { axis, positions: tensor(at, [made.axes[0]]) };
      kinds.set(axisName, found);
      return found;
    },
  };
}
