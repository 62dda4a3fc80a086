/** Lists come in pages. */

export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/**
 * Every item of a list, which is asked for page after page as the caller reads.
 *
 * @example
 * for await (const order of everyItem(madang.order.list, { status: "confirmed" })) print(order);
 */
export async function* everyItem<Item, Input extends { readonly cursor?: string }>(
  list: (input: Input) => Promise<ListPage<Item>>,
  input: Omit<Input, "cursor">,
): AsyncGenerator<Item, void, void> {
  let cursor: string | null = null;
  do {
    const page: ListPage<Item> = await list({ ...input, ...(cursor !== null && { cursor }) } as Input);
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
