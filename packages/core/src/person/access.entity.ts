import type { Role, StaffRole } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** What a person may do. Read together with the session at every request, so it is small and holds nothing personal. */
export const AccessEntity = new Entity(
  {
    model: { entity: "access", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      /** `StaffRole`s. */
      staffRoles: { type: "list", required: true, items: { type: "string" } },
      ambassadorId: { type: "string" },
      /** Whose approval was undone: approved again, they are the same ambassador. */
      formerAmbassadorId: { type: "string" },
      /** Rises with each change of rights, a ban among them; sessions of an older version are dead at once. */
      accessVersion: { type: "number", required: true },
    },
    indexes: {
      /** What may this person do? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "ACCESS" },
      },
      /** Who is in the team? */
      team: {
        index: "gsi1",
        condition: (item: { staffRoles?: readonly string[] }) => (item.staffRoles?.length ?? 0) > 0,
        pk: { field: "gsi1pk", casing: "none", composite: [], template: "TEAM" },
        sk: { field: "gsi1sk", casing: "none", composite: ["personId"], template: "${personId}" },
      },
    },
  },
  { table: anyTable },
);
export type Access = EntityItem<typeof AccessEntity>;

/** Staff roles, and ambassador where the person is one. */
export const rolesOfAccess = (access: Access): Role[] => [
  ...(access.staffRoles as StaffRole[]),
  ...(access.ambassadorId ? (["ambassador"] as const) : []),
];
