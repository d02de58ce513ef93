/** Delays of New York school buses, in minutes. */
import { checkArguments, OBJECT } from "../../tensor/internal.ts";
import { readNpy } from "../formats/npy.ts";
import { type LocateOptions, locateFiles } from "./locate.ts";

/** One half of the rows; all axes are (year, borough, id), the last one fastest. */
export interface BusRows {
  /** Minutes. */
  readonly delay: Uint8Array;
  /** Which of the companies, from 0. */
  readonly company: Int32Array;
  /** Which of the run types, from 0. */
  readonly runType: Int32Array;
}

/**
 * Delays of New York school buses, as in Heap, Leech and Aitchison (UAI 2023), with the sizes of
 * their groups.
 */
export interface Buses {
  /** How many years. */
  readonly years: number;
  /** How many boroughs in a year. */
  readonly boroughs: number;
  /** How many buses in a borough and year. */
  readonly ids: number;
  /** How many companies: the levels of a categorical feature. */
  readonly companies: number;
  /** How many types of journey: the levels of a categorical feature. */
  readonly runTypes: number;
  /** Rows to fit. */
  readonly train: BusRows;
  /** Rows to evaluate on, of the same groups. */
  readonly test: BusRows;
}

const SIZES = { years: 3, boroughs: 3, ids: 30, companies: 57, runTypes: 6 };
const ROWS = SIZES.years * SIZES.boroughs * SIZES.ids;

const file = (name: string, bytes: number, sha256: string) => ({
  name: `${name}.npy`,
  bytes,
  sha256,
  addresses: [],
});

const buses = {
  name: "bus/minutes_3x3x30",
  files: [
    file("delay_train", 398, "b3ed6613bec4c7a76b0030194c47e8c1fbc6ddb67cf73d1cc25ef843d4fc00a7"),
    file("delay_test", 398, "c5824e06453cf5e788faf7c7ef7bc3280f2ea1a52552d5f80d3b4e519109e4e3"),
    file(
      "run_type_train",
      1748,
      "09a2b5dcad93b241f4685209685fa6dbbf5f4fdd0edb7005389bf7efd60807cc",
    ),
    file("run_type_test", 1748, "fad678ba7d37492433625d2e66c7f63c0a9eb69baaa6df0d3611c31370423672"),
    file(
      "bus_company_name_train",
      15518,
      "ec0d0273f9504726941a34feda5071b62bdc098b8840d13e6e24bac0b375d5bf",
    ),
    file(
      "bus_company_name_test",
      15518,
      "ebb6f2a707027a6e952e5bc831b80497cb58cf5f8ca4c759fba1e910e5b92470",
    ),
  ],
  howToGet:
    "make them from examples/models/HMC/bus_breakdown/data/real_data.pkl of github.com/alan-ppl/alan, " +
    "with numpy.save, as uint8",
};

/**
 * Delays of school buses (NYC Open Data, "Bus Breakdown and Delays"), as prepared with Alan: 30 rows of
 * each year and borough to train on, 30 to test on. The years and boroughs are nominal: the
 * preparation cut the city's file into blocks without sorting it.
 *
 * @throws SurmiseError if its files cannot be had or are not the known ones.
 */
export async function loadBuses(options: LocateOptions = {}): Promise<Buses> {
  checkArguments("loadBuses", { options }, OBJECT);
  const files = await locateFiles(buses, options);
  const read = async (name: string) => (await readNpy(files[`${name}.npy`], name)).data;
  const rows = async (part: string): Promise<BusRows> => ({
    delay: Uint8Array.from(await read(`delay_${part}`)),
    company: positions(await read(`bus_company_name_${part}`)),
    runType: positions(await read(`run_type_${part}`)),
  });
  return { ...SIZES, train: await rows("train"), test: await rows("test") };
}

/** Of each row of zeros with a single one, where the one stands. */
function positions(oneHot: ArrayLike<number>): Int32Array {
  const width = oneHot.length / ROWS;
  return Int32Array.from({ length: ROWS }, (_, row) => {
    return Array.from({ length: width }, (_, k) => oneHot[row * width + k]).indexOf(1);
  });
}
