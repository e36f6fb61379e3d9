// Members with Taiwanese names, phones, emails, cards and companies, the same ones for every run, for the benchmark of the search.
import type pg from "pg";

/** The most common surnames of Taiwan with how many of a thousand people have them; the rest have one of the last row. */
const SURNAMES: readonly (readonly [names: string, perMille: number])[] = [
  ["陳", 111],
  ["林", 83],
  ["黃", 60],
  ["張", 53],
  ["李", 51],
  ["王", 41],
  ["吳", 40],
  ["劉", 32],
  ["蔡", 29],
  ["楊", 27],
  ["許鄭謝洪郭邱曾廖賴徐", 16],
  ["周葉蘇莊江呂何蕭羅高", 10],
  ["潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬阮董唐溫藍石蔣古紀姚連馮", 5],
];
const GIVEN =
  "小明志家俊建文宗冠宇承恩柏翰廷威豪傑偉哲彥佳怡雅婷淑芬美玲惠君宜靜詩涵欣慧珍秀麗雪春月娟芳如萱蓉瑜琪瑩筠心品安子睿宥辰語嫣若晴沛霖祐丞凱翔信宏正義國榮進財金水木火土德仁勇勝峰嘉銘凡平成東昇";
const LATIN_FIRST =
  "Amy Jason Kevin Vivian Peggy Alexander Josephine Bartholomew Chen-Wei Yu-Ting Mei-Ling Anastasia".split(" ");
const LATIN_LAST = "Chen Lin Huang Chang Wang Wu Smith O'Brien García Müller Nguyen Vanderbilt".split(" ");
const COMPANY = "台灣大同中華國際聯合永豐鴻海信義東方新光遠傳長榮統一富邦".split("");
const HOSTS = ["gmail.com", "gmail.com", "gmail.com", "yahoo.com.tw", "hotmail.com", "icloud.com", "example.com.tw"];

/** Rows of one statement: its triggers hold all of them in memory. */
const MEMBERS_PER_STATEMENT = 20_000;

export interface Person {
  readonly memberId: string;
  readonly name: string;
  readonly phone: string;
  readonly email: string | null;
  readonly card: string | null;
  readonly company: string | null;
}

/** Fills the database with members 1 to `count`; the triggers of the tables write what they are found by. */
export async function fillMembers(
  client: pg.Client,
  { tenantId, count, say }: { readonly tenantId: string; readonly count: number; say(line: string): void },
): Promise<void> {
  for (let first = 1; first <= count; first += MEMBERS_PER_STATEMENT) {
    const people = Array.from({ length: Math.min(MEMBERS_PER_STATEMENT, count - first + 1) }, (_, place) =>
      personOf(first + place),
    );
    await client.query(
      `insert into members (tenant_id, member_id, epoch, events, last_sequence, profile, consent, enrolled_at)
       select $1, m ->> 'memberId', 1, 1, 1,
         jsonb_strip_nulls(jsonb_build_object('name', m ->> 'name', 'company', m ->> 'company')), '{}', now()
       from jsonb_array_elements($2::jsonb) as m`,
      [tenantId, JSON.stringify(people)],
    );
    const identities = people.flatMap(({ memberId, phone, email, card }) => [
      { memberId, type: "phone", value: phone },
      ...(email === null ? [] : [{ memberId, type: "email", value: email }]),
      ...(card === null ? [] : [{ memberId, type: "card", value: card }]),
    ]);
    await client.query(
      `insert into identities select $1, i ->> 'memberId', i ->> 'type', i ->> 'value'
       from jsonb_array_elements($2::jsonb) as i`,
      [tenantId, JSON.stringify(identities)],
    );
    if ((first - 1) % 100_000 === 0) say(`${first + people.length - 1} members`);
  }
}

/** Member `number`, always the same one. */
export function personOf(number: number): Person {
  const pick = <Item>(items: readonly Item[], salt: number): Item => {
    const item = items[chance(number, salt) % items.length];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const isLatin = chance(number, 1) % 10 === 0;
  const given = [pick([...GIVEN], 3), ...(chance(number, 4) % 20 === 0 ? [] : [pick([...GIVEN], 5)])].join("");
  const name = isLatin ? `${pick(LATIN_FIRST, 6)} ${pick(LATIN_LAST, 7)}` : surnameOf(chance(number, 2) % 1000) + given;
  const digits = String(10_000_000 + (chance(number, 8) % 90_000_000));
  const hasEmail = chance(number, 9) % 10 < 6;
  const hasCompany = chance(number, 10) % 20 === 0;
  return {
    memberId: `mbr_${String(number).padStart(26, "0")}`,
    name,
    phone: `+8869${digits}`,
    email: hasEmail ? `${["mei", "wang", "tea", "happy", "lin"][number % 5]}.${number}@${pick(HOSTS, 11)}` : null,
    card: chance(number, 12) % 2 === 0 ? `TW${String(chance(number, 13) % 100_000_000).padStart(8, "0")}` : null,
    company: hasCompany ? `${pick(COMPANY, 14)}${pick(COMPANY, 15)}${pick([...GIVEN], 16)}股份有限公司` : null,
  };
}

function surnameOf(place: number): string {
  let below = 0;
  for (const [names, perMille] of SURNAMES) {
    for (const name of names) {
      below += perMille;
      if (place < below) return name;
    }
  }
  return "歐陽";
}

/** A number below 2^32 that looks random and follows from two others (the finaliser of MurmurHash3). */
function chance(number: number, salt: number): number {
  let mixed = Math.imul(number + 0x9e37 * salt, 0x85eb_ca6b) ^ salt;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
