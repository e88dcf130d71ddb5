import { z } from 'zod';

/** What the shop and the warehouse say to each other. Any Standard Schema library would do. */
export const stockQuestion = z.strictObject({ article: z.string() });
export const stockAnswer = z.strictObject({ pieces: z.int() });
export const reservation = z.strictObject({ orderId: z.string(), article: z.string(), pieces: z.int().positive() });
export const reservationAnswer = z.strictObject({ reserved: z.boolean() });
export const packingLine = z.strictObject({ orderId: z.string(), article: z.string() });
export const parcel = z.strictObject({ orderId: z.string(), contents: z.array(z.string()) });

export type StockQuestion = z.infer<typeof stockQuestion>;
export type Reservation = z.infer<typeof reservation>;
export type ReservationAnswer = z.infer<typeof reservationAnswer>;
export type PackingLine = z.infer<typeof packingLine>;
export type Parcel = z.infer<typeof parcel>;
