/** Viewer profiles as rows and as others see them, and the limit of a child's. */
import type { NewProfile, Profile, ProfileChange } from "./profile.contract.ts";

export interface ProfileRow {
  id: string;
  user_id: string;
  name: string;
  language: Profile["language"];
  /** 0 or 1. */
  is_kids: number;
  /** The age that films are rated for at most. */
  max_rating: number | null;
  pin_hash: string | null;
  /** PINs that were tried since the last right one. */
  pin_tries: number;
  /** Milliseconds since the epoch: from when on the tries count from 0 again. */
  pin_wait_until: number;
  created_at: string;
  version: number;
}

/** The age to which a child's profile is limited unless its parents choose another. */
const KIDS = 7;

/** A child's profile is never without a limit. */
export const limited = <T extends Pick<ProfileRow, "is_kids" | "max_rating">>(row: T): T =>
  row.is_kids === 1 ? { ...row, max_rating: row.max_rating ?? KIDS } : row;

export const settingsOf = ({ name, isKids = false, maxRating = null }: NewProfile) =>
  limited({ name, is_kids: isKids ? 1 : 0, max_rating: maxRating });

/** Whether a new profile allows more than all of the children's, so that a child could pass its limit by it. */
export function isLooser(
  wish: Pick<ProfileRow, "is_kids" | "max_rating">,
  rows: readonly Pick<ProfileRow, "is_kids" | "max_rating">[],
): boolean {
  if (wish.is_kids === 0) return true;
  const limits = rows.filter((row) => row.is_kids === 1).map((row) => row.max_rating ?? KIDS);
  return limits.length > 0 && (wish.max_rating ?? KIDS) > Math.max(...limits);
}

/** The age that a profile is limited to. */
const limitOf = ({ is_kids, max_rating }: Pick<ProfileRow, "is_kids" | "max_rating">): number =>
  max_rating ?? (is_kids === 1 ? KIDS : Infinity);

/** Whether a changed profile allows more than before: a higher rating, or no child's profile any more. */
export const isLoosened = (from: ProfileRow, to: ProfileRow): boolean =>
  to.is_kids < from.is_kids || limitOf(to) > limitOf(from);

/**
 * The locked profiles whose PIN allows a looser one. A child may have set the PIN of its own profile, so it counts only where no
 * other profile is locked: there, the parents have locked the child's.
 */
export function parentsAmong(rows: readonly ProfileRow[]): readonly ProfileRow[] {
  const locked = rows.filter(({ pin_hash }) => pin_hash !== null);
  const parents = locked.filter(({ is_kids }) => is_kids === 0);
  return parents.length > 0 ? parents : locked;
}

export const changed = (row: ProfileRow, { name, language, isKids, maxRating }: ProfileChange): ProfileRow =>
  limited({
    ...row,
    name: name ?? row.name,
    language: language ?? row.language,
    is_kids: isKids === undefined ? row.is_kids : Number(isKids),
    max_rating: maxRating === undefined ? row.max_rating : maxRating,
  });

/** A locked profile plays with its PIN. A child's PIN keeps the child from changing the profile, not from watching. */
export const playsWithPin = ({ pin_hash, is_kids }: ProfileRow): boolean => pin_hash !== null && is_kids === 0;

export const toProfile = (row: ProfileRow): Profile => ({
  id: row.id,
  name: row.name,
  language: row.language,
  isKids: row.is_kids === 1,
  maxRating: row.max_rating,
  hasPin: row.pin_hash !== null,
  createdAt: row.created_at,
  version: row.version,
});
