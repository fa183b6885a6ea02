import type { ReactNode } from "react";

import styles from "./table.module.css";

interface Column<Row> {
  label: string;
  cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  /** What the table lists. */
  label: string;
  /** The first one names the row. */
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}

/** A table; where it is narrow, each row becomes a card that says what its values are. */
export function Table<Row>({ label, columns: [title, ...others], rows, keyOf }: TableProps<Row>) {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {[title, ...others].map((column) => (
            <th key={column.label} scope="col">
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row">{title.cell(row)}</th>
            {others.map((column) => (
              <td key={column.label} data-label={column.label}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
