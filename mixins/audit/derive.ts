/** From a statement that changes rows, the statements that also tell these rows: as they were before, and as they are afterwards. */
import {
  AndNode,
  BinaryOperationNode,
  type DeleteQueryNode,
  type InsertQueryNode,
  LimitNode,
  type OperationNode,
  OperatorNode,
  PrimitiveValueListNode,
  ReturningNode,
  type RootOperationNode,
  SelectionNode,
  SelectModifierNode,
  SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
} from "kysely";
import { type Dialect, statementOf, type Statement } from "../database/statement.ts";
import type { Values } from "./mask.ts";

/** The most rows of one statement that are kept; of more there is their number. */
export const MOST_ROWS = 20;

type Changing = InsertQueryNode | UpdateQueryNode | DeleteQueryNode;
type Rows = Statement<object, Values>;

export interface Derived {
  readonly table: string;
  readonly kind: "insert" | "update" | "delete";
  /** The rows that will change, locked until the end of the transaction; absent where no row is there yet. */
  readonly before?: Rows;
  /** The statement itself, which answers whole rows. */
  readonly change: Rows;
  /** Of such a row, what the statement answers by itself. */
  readonly own: (row: Values) => Values;
}

const isChanging = (node: OperationNode): node is Changing =>
  node.kind === "InsertQueryNode" || node.kind === "UpdateQueryNode" || node.kind === "DeleteQueryNode";

function tableOf(node: Changing): TableNode | null {
  const table =
    node.kind === "InsertQueryNode" ? node.into : node.kind === "UpdateQueryNode" ? node.table : node.from.froms[0];
  return table && TableNode.is(table) ? table : null;
}

/** Two tables at once have no rows of one. */
const isOfOne = (node: Changing): boolean =>
  node.kind === "InsertQueryNode" ||
  (!node.joins?.length && (node.kind === "UpdateQueryNode" ? !node.from : !node.using && node.from.froms.length === 1));

const firstRow = (values: OperationNode | undefined): readonly OperationNode[] | null => {
  if (!values || !ValuesNode.is(values) || values.values.length !== 1) return null;
  const [row] = values.values;
  if (PrimitiveValueListNode.is(row!)) return row.values.map((value) => ValueNode.create(value));
  return ValueListNode.is(row!) ? row.values : null;
};

/** Which rows an upsert may replace: those that are equal in the columns of its conflict. */
function conflictOf({ columns = [], values, onConflict }: InsertQueryNode): OperationNode | null {
  const row = firstRow(values);
  if (!row || !onConflict?.updates || !onConflict.columns?.length) return null;
  const conditions = onConflict.columns.map((column) => {
    const index = columns.findIndex((one) => one.column.name === column.column.name);
    return BinaryOperationNode.create(column, OperatorNode.create("="), row[index] ?? ValueNode.create(null));
  });
  const [first, ...others] = conditions;
  return others.reduce<OperationNode>((all, one) => AndNode.create(all, one), first!);
}

function beforeOf(node: Changing, table: TableNode, dialect: Dialect): RootOperationNode | null {
  const where = node.kind === "InsertQueryNode" ? conflictOf(node) : (node.where?.where ?? null);
  if (node.kind === "DeleteQueryNode" || (node.kind === "InsertQueryNode" && !where)) return null;
  return {
    ...SelectQueryNode.createFrom([table], node.with),
    selections: [SelectionNode.createSelectAll()],
    ...(where && { where: WhereNode.create(where) }),
    limit: LimitNode.create(ValueNode.createImmediate(MOST_ROWS)),
    // The lock that an UPDATE takes. A stronger one would wait for rows that refer to this one, and those for it.
    ...(dialect === "postgres" && { endModifiers: [SelectModifierNode.create("ForNoKeyUpdate")] }),
  };
}

interface Named {
  readonly kind: string;
  readonly alias?: { readonly name?: string };
  readonly column?: Named & { readonly name?: string };
}

/** The name under which a selection answers; null for all columns, or for what has no name. */
function nameOf(selection: OperationNode): string | null {
  const { kind, alias, column } = selection as Named;
  if (kind === "AliasNode") return alias?.name ?? null;
  if (kind === "ReferenceNode") return column ? nameOf(column as OperationNode) : null;
  return kind === "ColumnNode" ? (column?.name ?? null) : null;
}

/** What the statement answers by itself, and what it has to compute for that beside its columns. */
function answerOf({ returning }: Changing): Pick<Derived, "own"> & { readonly computed: readonly SelectionNode[] } {
  const selections = returning?.selections ?? [];
  const names = selections.map(({ selection }) => nameOf(selection));
  const computed = selections.filter(({ selection }) => selection.kind === "AliasNode");
  if (!returning || names.includes(null)) return { own: (row) => row, computed };
  return { own: (row) => Object.fromEntries(names.map((name) => [name, row[name!]])), computed };
}

/** Null for a statement that reads, and for one whose rows cannot be told. */
export function derive(node: OperationNode, dialect: Dialect): Derived | null {
  const table = isChanging(node) ? tableOf(node) : null;
  if (!table || !isChanging(node) || !isOfOne(node)) return null;
  const { own, computed } = answerOf(node);
  const before = beforeOf(node, table, dialect);
  const returning = ReturningNode.create([SelectionNode.createSelectAll(), ...computed]);
  return {
    table: table.table.identifier.name,
    kind: node.kind === "InsertQueryNode" ? "insert" : node.kind === "UpdateQueryNode" ? "update" : "delete",
    ...(before && { before: statementOf<Values>(dialect, before) }),
    change: statementOf<Values>(dialect, { ...node, returning }),
    own,
  };
}
