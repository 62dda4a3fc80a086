/** Converts addresses between their row and the form that clients see. */
import type { Address, AddressChanges, NewAddress } from "./address.contract.ts";

export interface AddressRow {
  id: string;
  user_id: string;
  name: string;
  line1: string;
  line2: string | null;
  city: string;
  postal_code: string;
  country: string;
  phone: string | null;
  is_default: number;
  version: number;
}

/** A new address, or one without its former line 2 or phone. */
type Filled = Omit<NewAddress, "line2" | "phone"> & Pick<AddressChanges, "line2" | "phone">;

export const toAddress = ({ line2, phone, ...row }: AddressRow): Address => ({
  id: row.id,
  name: row.name,
  line1: row.line1,
  ...(line2 !== null && { line2 }),
  city: row.city,
  postalCode: row.postal_code,
  country: row.country,
  ...(phone !== null && { phone }),
  isDefault: row.is_default === 1,
  version: row.version,
});

/** The columns that a person fills in. */
export const toColumns = (address: Filled) => ({
  name: address.name,
  line1: address.line1,
  line2: address.line2 ?? null,
  city: address.city,
  postal_code: address.postalCode,
  country: address.country,
  phone: address.phone ?? null,
  is_default: Number(address.isDefault ?? false),
});
