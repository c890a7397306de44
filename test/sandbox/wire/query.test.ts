import { expect, test } from "vitest";
import { AwsError } from "../../../sandbox/wire/error.ts";
import { decodeQuery, encodeQuery, encodeQueryError } from "../../../sandbox/wire/query.ts";

const decode = (form: string) => decodeQuery(new URLSearchParams(form));

test("reads lists of structures in the order of their numbers", () => {
  const form = "A.member.2.Name=b&A.member.10.Name=c&A.member.1.Name=a";
  expect(decode(form)).toEqual({ A: [{ Name: "a" }, { Name: "b" }, { Name: "c" }] });
});

test("reads a list within a list", () => {
  const form = "M.member.1.Values.member.1=1.5&M.member.1.Values.member.2=2";
  expect(decode(form)).toEqual({ M: [{ Values: ["1.5", "2"] }] });
});

test("reads a map", () => {
  expect(decode("Attributes.entry.1.key=k&Attributes.entry.1.value=v")).toEqual({ Attributes: { k: "v" } });
});

test("reads SNS's message attributes, whose parts are named Name and Value", () => {
  const form = "M.entry.1.Name=kind&M.entry.1.Value.DataType=String&M.entry.1.Value.StringValue=a";
  expect(decode(form)).toEqual({ M: { kind: { DataType: "String", StringValue: "a" } } });
});

test("writes lists, maps, dates and structures, and leaves out what is undefined", () => {
  const output = {
    Items: [{ At: new Date(0) }],
    Attributes: new Map([["k", "v"]]),
    Token: undefined,
  };
  expect(encodeQuery("List", output, "urn:x")).toContain(
    "<ListResult><Items><member><At>1970-01-01T00:00:00.000Z</At></member></Items>" +
      "<Attributes><entry><key>k</key><value>v</value></entry></Attributes></ListResult>",
  );
});

test("leaves the result element out where an operation has no output", () => {
  expect(encodeQuery("Delete", undefined, "urn:x")).toMatch(
    /^<DeleteResponse xmlns="urn:x"><ResponseMetadata>/,
  );
});

test("escapes what XML would take for itself", () => {
  expect(encodeQuery("Get", { A: 'a < b & "c"' }, "urn:x")).toContain("<A>a &lt; b &amp; &quot;c&quot;</A>");
});

test("writes an error with its Query code", () => {
  const error = new AwsError("InvalidParameterException", "no", { queryCode: "InvalidParameter" });
  expect(encodeQueryError(error, "urn:x")).toContain(
    "<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>no</Message></Error>",
  );
});
