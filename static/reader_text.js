// What an ID-card reader types, in the shapes that readers have: with labels, or values in lines.

const LABELS = {
  name: "姓\\s*名",
  sex: "性\\s*别",
  other: "民\\s*族(?=\\s*:|\\s+\\S|汉|\\p{Script=Han}{1,4}族)|签发机关|有\\s*效\\s*期\\s*限?|有效期至|国籍",
  born: "出\\s*生(?:\\s*(?:日期|年月日?))?",
  address: "(?:家庭)?住\\s*址|地\\s*址",
  number: "公民身份号码|公民身份证号码?|身份证号码?|身份证件号码|证件号码|身份号码",
};
const ANY = Object.entries(LABELS)
  .map(([part, label]) => `(?<${part}>${label})`)
  .join("|");
// A label begins a line or follows a gap, or a colon follows it: 民族路 is a street.
const MARK = new RegExp(`(?<=^|[\\s,;|])(?:${ANY})\\s*:?|(?:${ANY.replaceAll("?<", "?<c_")})\\s*:`, "gu");
const GLUED = /^姓名(.+?)性别(男|女)(?:民族.+?)?出生(.+?)住址(.+?)公民身份号码(\d{17}[\dX])/u;
const NUMBER = /(?<!\d)\d{17}[\dX](?![\dX])/;
const DAY = /(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?/;
const ISSUER = /(?:公安局|公安分局|分局|公安厅|移民管理局)$/;
const PLACE = /[省市县区州旗镇乡村街路号]/;
const PERIOD = /^\d{4}[.\-]?\d{2}[.\-]?\d{2}\s*[-—至~]\s*(?:\d{4}[.\-]?\d{2}[.\-]?\d{2}|长期)$/;

/** Full-width letters, digits, colons and blanks as ordinary ones; Chinese signs stay. */
function narrow(text) {
  return text
    .replace(/[０-９Ａ-Ｚａ-ｚ：｜；，．－＋]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0]/g, " ")
    .replace(/\r\n?/g, "\n")
    .trim();
}

function isoDay(written) {
  const found = DAY.exec(written ?? "");
  return found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : "";
}

/** A line that the reader broke: nothing stands between Chinese signs, one blank between words. */
function joined(text) {
  return (text ?? "").trim().replace(/(?<=\p{Script=Han})\s+(?=[\p{Script=Han}\d])|(?<=\d)\s+(?=\p{Script=Han})/gu, "").replace(/\s+/g, " ");
}

function sexIn(document) {
  if (!document) return "";
  return Number(document[16]) % 2 ? "male" : "female";
}

function person({ name, sex, born, address, number }) {
  const document = NUMBER.exec((number ?? "").replace(/\s/g, "").toUpperCase())?.[0] ?? "";
  return {
    name: joined(name).replace(/[,;|]+$/, ""),
    sex: { 男: "male", 女: "female" }[(sex ?? "").trim()[0]] ?? sexIn(document),
    birth_date: isoDay(born) || isoDay(document.slice(6, 14)),
    address: joined(address).replace(/[,;|]+$/, ""),
    id_number: document,
  };
}

function labelled(text) {
  const marks = [...text.matchAll(MARK)];
  const said = {};
  marks.forEach((mark, at) => {
    const [part] = Object.entries(mark.groups).find(([, found]) => found);
    const value = text.slice(mark.index + mark[0].length, marks[at + 1]?.index).trim();
    said[part.replace("c_", "")] ??= value;
  });
  return said.number || said.name ? person(said) : null;
}

function glued(text) {
  const [, name, sex, born, address, number] = GLUED.exec(text.replace(/\s/g, "")) ?? [];
  return number ? person({ name, sex, born, address, number }) : null;
}

/** Values without labels, told apart by what they look like; the name is the first that is left. */
function bare(text) {
  const gap = /[\t\n|;]/.test(text) ? /[\t\n|;]+/ : /[\s,]+/;
  const said = { left: [] };
  for (const value of text.split(gap).map((part) => part.trim()).filter(Boolean)) {
    if (NUMBER.test(value.toUpperCase()) && value.length === 18) said.number ??= value;
    else if (value === "男" || value === "女") said.sex ??= value;
    else if (PERIOD.test(value) || ISSUER.test(value)) continue;
    else if (DAY.exec(value)?.[0] === value) said.born ??= value;
    else said.left.push(value);
  }
  if (!said.number) return null;
  const [name, ...rest] = said.left;
  // The people one belongs to stands before the address: 汉, 白族, 维吾尔.
  if (rest.length > 1 && rest[0].length <= 6 && !PLACE.test(rest[0])) rest.shift();
  if (rest.length === 1 && /^(?:汉|.{1,5}族)$/u.test(rest[0])) rest.shift();
  return person({ ...said, name, address: rest.join("") });
}

/** What a reader's text says: name, sex, birth_date (ISO), address, id_number; null if nothing. */
export function read(text) {
  const plain = narrow(text);
  const found = glued(plain) ?? labelled(plain) ?? bare(plain);
  return found && (found.id_number || (found.name && found.birth_date)) ? found : null;
}
