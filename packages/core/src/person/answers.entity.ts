import { channelKinds, questionKinds } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** The personal part of one application, kept with the person so that erasing the person takes it along. */
export const AnswersEntity = new Entity(
  {
    model: { entity: "answers", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      applicationId: { type: "string", required: true },
      name: { type: "string", required: true },
      email: { type: "string", required: true },
      country: { type: "string", required: true },
      channels: {
        type: "list",
        required: true,
        items: {
          type: "map",
          properties: {
            kind: { type: [...channelKinds] as const, required: true },
            handle: { type: "string" },
            url: { type: "string" },
            followers: { type: "number", required: true },
          },
        },
      },
      why: { type: "string", required: true },
      /** To the program's own questions, each with its words of then. */
      answers: {
        type: "list",
        items: {
          type: "map",
          properties: {
            questionId: { type: "string", required: true },
            label: { type: "string", required: true },
            kind: { type: [...questionKinds] as const, required: true },
            answer: { type: "string", required: true },
          },
        },
      },
      marketingConsent: { type: "boolean", required: true },
    },
    indexes: {
      /** What did this person write in this application? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: ["applicationId"], template: "ANSWERS#${applicationId}" },
      },
    },
  },
  { table: anyTable },
);
export type Answers = EntityItem<typeof AnswersEntity>;
