/** The data sets known by name, with what their files must contain and where to get them. */
import { readNpy } from "../formats/npy.ts";
import {
  digitNames,
  type ImageSet,
  imagesFromIdx,
  imagesFromNpy,
  selectImages,
} from "../images.ts";
import type { DataFile } from "./locate.ts";

/** The content of each file of a data set, by its name. */
export type FileContents = Readonly<Record<string, Uint8Array>>;

/** A data set that is read from files. */
export interface FileDataset {
  /** Also the name of the folder that holds its files. */
  readonly name: string;
  /** What it holds, in one line. */
  readonly description: string;
  /** Where it comes from. */
  readonly source: string;
  /** How many images it has to fit and to judge by. */
  readonly counts: { readonly train: number; readonly test: number };
  /** The files that it is made of. */
  readonly files: readonly DataFile[];
  /** For people who have to find the files themselves. */
  readonly howToGet: string;
  /** What to use where it cannot be had. */
  readonly instead: string;
  /** The images in the files. */
  readonly read: (contents: FileContents) => Promise<{ train: ImageSet; test: ImageSet }>;
}

const instead = 'Or use "digits", which needs no files.';

const mnistMirrors = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

function mnistFile(name: string, bytes: number, sha256: string): DataFile {
  return { name, bytes, sha256, addresses: mnistMirrors.map((mirror) => `${mirror}${name}.gz`) };
}

const mnist: FileDataset = {
  name: "mnist",
  description: "handwritten digits, 28x28, 60000 to fit and 10000 to judge by, with labels",
  source: "Y. LeCun, C. Cortes, C. Burges: the MNIST database of handwritten digits",
  counts: { train: 60_000, test: 10_000 },
  files: [
    mnistFile(
      "train-images-idx3-ubyte",
      47040016,
      "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    mnistFile(
      "train-labels-idx1-ubyte",
      60008,
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    mnistFile(
      "t10k-images-idx3-ubyte",
      7840016,
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    mnistFile(
      "t10k-labels-idx1-ubyte",
      10008,
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
  ],
  howToGet: "get the four files of the MNIST database, gzipped or not",
  instead,
  read: async (contents) => {
    const set = (name: string, prefix: string) =>
      imagesFromIdx(
        name,
        contents[`${prefix}-images-idx3-ubyte`],
        contents[`${prefix}-labels-idx1-ubyte`],
        digitNames,
      );
    return { train: await set("mnist train", "train"), test: await set("mnist test", "t10k") };
  },
};

/** Frames per block of the Frey video; 131 blocks make up its 1965 frames. */
const freyBlock = 15;

/** Whether a frame of the Frey video is for testing: every tenth block, from the tenth on. */
function isFreyTest(frame: number): boolean {
  return Math.floor(frame / freyBlock) % 10 === 9;
}

/**
 * Neighbouring frames of the video are almost equal, so a random split would put near copies of
 * training frames into the test set. Whole blocks of 15 frames are set apart instead: blocks 9, 19,
 * 29 and so on (from 0) are the test set, 195 frames; the other 1770 are for fitting. Both keep the
 * order of the video.
 */
const freyface: FileDataset = {
  name: "freyface",
  description:
    "video frames of one face, 28x20, in video order; every tenth block of 15 frames to judge by",
  source: "B. Frey and S. Roweis: the Frey faces",
  counts: { train: 1770, test: 195 },
  files: [
    {
      name: "freyface.npy",
      bytes: 1100528,
      sha256: "2177ea074dc1d5ce35294c687dfce79ced65db6d7b745d95a2e1757fcfbe41c0",
      addresses: [],
    },
  ],
  howToGet:
    "it is published only as a MATLAB file, frey_rawface.mat, from which Python makes it: " +
    'numpy.save("freyface.npy", numpy.ascontiguousarray(' +
    'scipy.io.loadmat("frey_rawface.mat")["ff"].T.reshape(1965, 28, 20)))',
  instead,
  read: async (contents) => {
    const all = await imagesFromNpy("freyface", contents["freyface.npy"]);
    return {
      train: selectImages(all, "freyface train", (frame) => !isFreyTest(frame)),
      test: selectImages(all, "freyface test", isFreyTest),
    };
  },
};

/**
 * The images of Omniglot made 28 x 28 from the originals, as many as in the split of Burda, Grosse and Salakhutdinov
 * (ICLR 2016), whose file, chardata.mat, was made in a way of its own: numbers are near theirs, not the same.
 */
const omniglot: FileDataset = {
  name: "omniglot",
  description: "handwritten characters of 50 alphabets, 28x28, 24345 to fit and 8070 to judge by",
  source: "B. Lake, R. Salakhutdinov and J. Tenenbaum: Omniglot, Science 350, 2015",
  counts: { train: 24_345, test: 8070 },
  files: [
    {
      name: "train-images.npy",
      bytes: 19086608,
      sha256: "b54d30a99b07dc0e1a2dc29810afd935150403b5c590c3c80cae3d34506c27ff",
      addresses: [],
    },
    {
      name: "test-images.npy",
      bytes: 6327008,
      sha256: "04d2ae550148992945e75eec19bc50b76c7cb4e7b22681253fb7005ba93abade",
      addresses: [],
    },
  ],
  howToGet:
    "make them from the 32460 pictures of the Omniglot repository, sorted by set, alphabet, character and file: " +
    "inverted, resized to 28x28 by Pillow's Image.BOX, in the order of numpy.random.RandomState(0).permutation(32460); " +
    "the first 24345 are train-images.npy, the next 8070 test-images.npy, uint8 (image, row, column)",
  instead,
  read: async (contents) => ({
    train: await imagesFromNpy("omniglot train", contents["train-images.npy"]),
    test: await imagesFromNpy("omniglot test", contents["test-images.npy"]),
  }),
};

/** The images of an array of packed bits, most significant first, as black (0) and white (255). */
async function packedImages(name: string, file: Uint8Array): Promise<ImageSet> {
  const { data, shape } = await readNpy(file, name);
  const [count, bytes] = shape;
  const images = new Uint8Array(count * bytes * 8);
  for (let bit = 0; bit < images.length; bit++) {
    images[bit] = 255 * ((data[bit >> 3] >> (7 - (bit & 7))) & 1);
  }
  return { name, images, count, height: 28, width: 28 };
}

/**
 * MNIST made black and white once, by our own draw: the published files of Larochelle hold other bits of the same grey
 * values, so that log likelihoods agree up to the noise of the draw only.
 */
const mnistStatic: FileDataset = {
  name: "mnist-static",
  description: "MNIST made black and white once, 28x28, 50000 to fit and 10000 to judge by",
  source: "Y. LeCun, C. Cortes, C. Burges: the MNIST database of handwritten digits, drawn once",
  counts: { train: 50_000, test: 10_000 },
  files: [
    {
      name: "train.npy",
      bytes: 4900128,
      sha256: "5a0b6cea7156c08a341a94caada3149485c3498238096322fb140c1e3975eaf1",
      addresses: [],
    },
    {
      name: "test.npy",
      bytes: 980128,
      sha256: "4c1b17031c8afe7f5c191ef373d195582539c9eec2e335ae4dccb2ade3b53027",
      addresses: [],
    },
  ],
  howToGet:
    "make them from the 70000 images of MNIST, those for testing last: " +
    "numpy.packbits(numpy.random.RandomState(0).random_sample((70000, 784)) < images / 255.0, axis=1); " +
    "rows 0 to 49999 are train.npy, the last 10000 test.npy",
  instead,
  read: async (contents) => ({
    train: await packedImages("mnist-static train", contents["train.npy"]),
    test: await packedImages("mnist-static test", contents["test.npy"]),
  }),
};

/** Every data set that is read from files. */
export const fileDatasets: readonly FileDataset[] = [mnist, mnistStatic, freyface, omniglot];
