// Writes javascript.json: what JavaScript itself makes of numbers, dates, strings, keys and JSON texts.
// The tests read only the table; run `node generate.mjs` to extend it.
import { writeFileSync } from "node:fs";

let state = 12345n;
const random64 = () => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return state ^ (state >> 33n);
};
const view = new DataView(new ArrayBuffer(8));
const bits = (n) => { view.setFloat64(0, n); return view.getBigUint64(0).toString(16).padStart(16, "0"); };
const ofBits = (b) => { view.setBigUint64(0, b & ((1n << 64n) - 1n)); return view.getFloat64(0); };

const numbers = [0, -0, 1, -1, 0.1, 0.5, 1 / 3, 100, 1e20, 1e21, 1e22, 123456789012345680000, 1.2e21, 999999999999999900000,
  1e-5, 1e-6, 1e-7, 1.5e-7, 1.5e-6, 0.000001234, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 4.35, 0.30000000000000004,
  2 ** 53, 2 ** 53 + 2, 2 ** 60, 2 ** 63, -(2 ** 63), 2 ** 64, -(2 ** 64), 2 ** 66, 2 ** 70, -1e19, 1e19, 1e23, 1e300, -1e300,
  4503599627370495.5, 4503599627370496, 9007199254740991, -9007199254740991, 9007199254740993, 15000000000.5, -273.15, 9.5e-7,
  NaN, Infinity, -Infinity];
for (let e = -30; e <= 30; e++) numbers.push(10 ** e, 1.5 * 10 ** e, -9.87654321 * 10 ** e);
for (let e = -80; e <= 80; e += 3) numbers.push(2 ** e, 2 ** e + 1, -(2 ** e));
for (let i = 0; i < 400; i++) numbers.push(ofBits(random64()));
for (let i = 0; i < 200; i++) numbers.push(Number(random64()) / 2 ** Number(random64() % 64n));
// The integer form keeps the lowest 64 bits (notepack.io 3.0.1); null for what is written as a float.
const low64 = (n) => (Number.isInteger(n) ? BigInt.asUintN(64, BigInt(n)).toString(16).padStart(16, "0") : null);

const moments = [0, 1, -1, 999, -999, 1000, 1700000000123, -62167219200000, -62167219200001, 253402300799999, 253402300800000,
  951782400000, 951868799999, 951868800000, 1709164800000, 4107542400000, -2208988800000, 8.64e15, -8.64e15, -62198755200000];
for (let i = 0; i < 150; i++) moments.push(Number(random64() % 17280000000000000n) - 8.64e15);
for (let i = 0; i < 100; i++) moments.push(Number(random64() % 8000000000000n) - 2e12);

const characters = [];
for (let c = 0; c < 0x180; c++) characters.push(String.fromCodePoint(c));
characters.push("\u2028", "\u2029", "\ufeff", "\ud7ff", "\ue000", "\ufffd", "\uffff", "🐎", "\u{10ffff}", "a\"b\\c/d\n", "é e\u0301");

const keys = [["b", "10", "a", "9"], ["4294967294", "4294967295", "4294967296", "1"], ["b", "4294967295", "4294967294"], ["01", "1", "0", "00"], ["-1", "1.5", "2", " 3"],
  ["a", "b", "a"], ["2", "1", "2"], ["", "0"], ["é", "e\u0301"], ["99999999999", "9999999999", "999999999"], ["1e3", "7", "+1", "١"],
  ["z", "5", "y", "3", "x", "4", "w", "1", "v", "2", "u", "0", "t", "3", "z"],
  Array.from({ length: 40 }, (_, i) => String((i * 17) % 40)), Array.from({ length: 40 }, (_, i) => "k" + ((i * 7) % 30))];
const order = keys.map((list) => ({
  keys: list, written: JSON.stringify(Object.fromEntries(list.map((key, index) => [key, index]))),
}));

const texts = ["null", "true", "false", " 1 ", "\t\r\n[\n1 ,\r2\t]\n", "0", "-0", "-0.0", "0e0", "0.0", "1.0", "1E5", "1e+5", "1e-5", "12.50e-1",
  "123456789012", "-9007199254740991", "1e-999", "-1e-999", "1.7976931348623157e308", "2.5e-324", "0.1e1", "1e1", "1e21", "100000000000000000000",
  "18446744073709551616", "1" + "0".repeat(300), "0." + "0".repeat(400) + "1", "\"\"", "\"a\"", "\"é🐎\"", "\"\u007f\u2028\u2029\"",
  String.raw`"\"\\\/\b\f\n\r\t"`, String.raw`"\u0041\u00e9\u00E9\u20ac"`, String.raw`"\ud83d\udc0e"`, String.raw`"\uD83D\uDC0E!"`,
  String.raw`"\u0000\u001f"`, String.raw`"\ud83e\udd14\ud83d\udc0e"`, "[]", "[ ]", "{}", "{ }", "[[],[[]],{}]", "[1,\"a\",null,true,{\"k\":[]}]",
  "{\"a\":1,\"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":0,\"a\":2}", "{\"b\":1,\"1\":2,\"a\":3,\"0\":4}", "{\"\":0}", "{ \"a\" : { \"b\" : [ 1 , 2 ] } }",
  "{\"a\\u0062\":1,\"ab\":2}", "\"\ufeff\"", "[".repeat(128) + "]".repeat(128), "{\"__proto__x\":1}", "-1", "[-0,0]", "1234.5678", "0.000001", "0.0000001"];

const rows = (list) => "[\n" + list.map((row) => JSON.stringify(row)).join(",\n") + "\n]";
const tables = {
  numbers: numbers.map((n) => [bits(n), JSON.stringify(n), low64(n)]),
  dates: moments.map((ms) => [ms, new Date(ms).toISOString()]),
  strings: characters.map((s) => [[...s].map((c) => c.codePointAt(0)), JSON.stringify(s)]),
  order,
  accepted: texts.map((text) => [text, JSON.stringify(JSON.parse(text))]),
};
const body = Object.entries(tables).map(([name, list]) => `${JSON.stringify(name)}:${rows(list)}`).join(",\n");
writeFileSync(new URL("javascript.json", import.meta.url), `{"node":"${process.version}",\n${body}}\n`);
