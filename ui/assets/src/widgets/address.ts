// An address in parts; within China, province, city and district are chosen from the official list.
import { one } from "../dom";
import { joinParts } from "./parts";

interface Areas {
  province_list: Record<string, string>;
  city_list: Record<string, string>;
  county_list: Record<string, string>;
}

const CHINA = "CN";

/** Countries and territories by their codes of ISO 3166. */
const COUNTRIES = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
  "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO " +
  "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE " +
  "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO " +
  "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW " +
  "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM " +
  "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
).trim().split(" ");

let areas: Promise<Areas> | undefined;

function areaList(): Promise<Areas> {
  areas ??= import("@vant/area-data").then((found) => found.areaList as Areas);
  return areas;
}

export function start(place: HTMLElement): void {
  fillCountries(place);
  const parts = joinParts(place, () => void cascade(place));
  place.addEventListener("input", (event) => {
    const part = event.target instanceof HTMLElement ? event.target.dataset["part"] : undefined;
    if (part === "region") parts.set({ city: "", district: "" });
    if (part === "city") parts.set({ district: "" });
    if (part === "country" || part === "region" || part === "city") void cascade(place);
  });
}

function part(place: HTMLElement, name: string): HTMLInputElement | null {
  return one<HTMLInputElement>(`[data-part="${name}"]`, place);
}

/** Countries in the person's language, China first. */
function fillCountries(place: HTMLElement): void {
  const select = one<HTMLSelectElement>("select[data-part=country]", place);
  if (!select) return;
  const names = new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "region" });
  const named = COUNTRIES.map((code) => [code, names.of(code) ?? code] as const);
  named.sort(([one, a], [other, b]) => Number(other === CHINA) - Number(one === CHINA) || a.localeCompare(b, document.documentElement.lang));
  select.replaceChildren(new Option("", ""), ...named.map(([code, name]) => new Option(name, code)));
}

/** Offers the provinces, the cities of the chosen one, and the districts of the chosen city. */
async function cascade(place: HTMLElement): Promise<void> {
  const [country, region, city, district] = ["country", "region", "city", "district"].map((name) => part(place, name));
  if (!country || !region || !city || !district) return;
  const chinese = country.value === CHINA || country.value === "";
  const { province_list: provinces, city_list: cities, county_list: counties } = await areaList();
  const province = codeOf(provinces, region.value);
  const town = codeOf(within(cities, province.slice(0, 2)), city.value);
  offer(region, chinese ? Object.values(provinces) : []);
  offer(city, chinese && province ? Object.values(within(cities, province.slice(0, 2))) : []);
  offer(district, chinese && town ? Object.values(within(counties, town.slice(0, 4))) : []);
}

function codeOf(list: Record<string, string>, name: string): string {
  return Object.entries(list).find(([, each]) => name && each === name)?.[0] ?? "";
}

function within(list: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(list).filter(([code]) => prefix && code.startsWith(prefix)));
}

/** Suggests names; another one may still be typed, since lists age and addresses do not. */
function offer(input: HTMLInputElement, names: string[]): void {
  const list = input.list;
  list?.replaceChildren(...names.map((name) => new Option(name, name)));
}
