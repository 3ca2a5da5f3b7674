/** Keys written by hand, for code that must stay small or reads several kinds of item in one call. Tests hold them equal to the entities'. */
export interface Key {
  pk: string;
  sk: string;
}

export const keys = {
  code: (code: string): Key => ({ pk: `CODE#${code}`, sk: "CODE" }),
  click: (id: string): Key => ({ pk: `CLICK#${id}`, sk: "CLICK" }),
  idempotency: (key: string): Key => ({ pk: `IDEM#${key}`, sk: "IDEM" }),
  limit: (name: string, subject: string, window: string): Key => ({
    pk: `LIMIT#${name}#${subject}#${window}`,
    sk: "LIMIT",
  }),
  schema: (): Key => ({ pk: "META#schema", sk: "META" }),
};
