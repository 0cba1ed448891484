-- Records a group of requests; the function says what each parameter is. Arrays come as text, in PostgreSQL's own notation.
SELECT request, outcome, first_position, last_position, (extract(epoch FROM recorded_at) * 1000000)::bigint AS recorded_us,
    digest, detail
FROM tarih.append(
    $1, $2, $3::text::text[], $4::text::text[], $5::text::text[], $6, $7::text::integer[], $8::text::text[],
    $9::text::text[], $10::text::text[], $11::text::text[], $12::text::text[], $13::text::bigint[],
    $14::text::bigint[], $15::text::bigint[], $16::text::bigint[], $17::text::text[], $18::text::text[],
    $19::text::text[], $20::text::bigint[], $21::text::bigint[], $22::text::boolean[], $23::text::text[],
    $24::text::integer[], $25::text::text[], $26::text::text[], $27::text::integer[], $28::text::text[],
    $29::text::integer[], $30::text::text[], $31::text::integer[], $32::text::text[], $33::text::integer[],
    $34::text::text[], $35::text::text[], $36::text::integer[], $37::text::text[], $38::text::bigint[]
)
