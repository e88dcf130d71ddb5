/** Of a column: as PostgreSQL names it. */
type ColumnType = 'uuid' | 'text' | 'boolean' | 'smallint' | 'integer' | 'bigint' | 'date' | 'timestamptz' | 'jsonb';

/**
 * Any number of rows as one parameter of a statement, so that the statement does not depend on how many there are. They travel as JSON arrays, each
 * value in the place of its column: objects, with the names in every row, take the server twice as long to read.
 */
export class RowSet<Name extends string> {
  private readonly names: readonly Name[];

  /** The columns' types by their names, which are those of the rows' properties. */
  constructor(private readonly columns: Readonly<Record<Name, ColumnType>>) {
    this.names = Object.keys(columns) as Name[];
  }

  /** The rows as a table in FROM, less its alias. `parameter`: SQL of type jsonb. */
  from(parameter: string): string {
    return `(SELECT ${this.list()} FROM jsonb_array_elements(${parameter}) AS row (value))`;
  }

  /** The same with one more column: each row's `position`. */
  fromInOrder(parameter: string): string {
    return `(SELECT ${this.list()}, position FROM jsonb_array_elements(${parameter}) WITH ORDINALITY AS row (value, position))`;
  }

  /** SQL for whether a column has this text in any row, without reading the others. `text` is part of a statement, never anybody's input. */
  has(parameter: string, name: Name, text: string): string {
    return `${parameter} @? '$[*][${this.names.indexOf(name)}] ? (@ == "${text}")'`;
  }

  /** What the parameter is to be given. Amounts may be bigint; null and undefined are NULL. */
  valueOf(rows: readonly Readonly<Record<Name, unknown>>[]): string {
    return JSON.stringify(rows.map((row) => this.names.map((name) => jsonOf(row[name]))));
  }

  private list(): string {
    return this.names.map((name, place) => `${valueAt(place, this.columns[name])} AS "${name}"`).join(', ');
  }
}

function valueAt(place: number, type: ColumnType): string {
  if (type === 'jsonb') return `nullif(row.value -> ${place}, 'null')`;
  return type === 'text' ? `row.value ->> ${place}` : `(row.value ->> ${place})::${type}`;
}

const jsonOf = (value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
