/** Tables for people: columns as wide as they need to be, numbers to the right. */

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export function renderTable(table: Table): string {
  const cells = [table.columns.map(String), ...table.rows.map((row) => row.map(shown))];
  const widths = table.columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const isNumber = table.columns.map((_, column) => table.rows.every((row) => typeof row[column] === 'number'));
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        isNumber[column] === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [table.title, lines[0]!, rule, ...lines.slice(1), ''].join('\n');
}

function shown(cell: string | number): string {
  if (typeof cell === 'string') return cell;
  if (Number.isNaN(cell)) return '-';
  return Number.isInteger(cell) ? cell.toLocaleString('en') : String(Number(cell.toPrecision(4)));
}
