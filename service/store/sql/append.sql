-- Records a group of requests; the function says what each parameter is. Arrays come as text, which costs asyncpg least:
-- in PostgreSQL's own notation, or as lines, an empty one for null, where no line feed can stand in an entry.
SELECT request, outcome, first_position, last_position, recorded_us, digest, detail
FROM tarih.append(
    $1, $2, $3, $4, $5::text::text[], $6::text::text[], $7::text::text[], $8, $9::text::integer[],
    $10::text::integer[], string_to_array($11, E'\n'), string_to_array($12, E'\n'), string_to_array($13, E'\n'),
    string_to_array($14, E'\n'), string_to_array($15, E'\n', ''), $16::text::bigint[], $17::text::bigint[],
    $18::text::bigint[], $19::text::bigint[], $20::text::text[], string_to_array($21, E'\n', ''),
    string_to_array($22, E'\n', ''), $23::text::bigint[], $24::text::bigint[], $25::text::boolean[],
    string_to_array($26, E'\n', ''), $27::text::integer[], string_to_array($28, E'\n'), string_to_array($29, E'\n'),
    $30::text::integer[], $31::text::text[], $32::text::integer[], string_to_array($33, E'\n'), $34::text::integer[],
    $35::text::integer[], string_to_array($36, E'\n'), $37::text::integer[], string_to_array($38, E'\n'),
    string_to_array($39, E'\n'), $40::text::integer[], $41::text::text[], $42::text::bigint[]
)
