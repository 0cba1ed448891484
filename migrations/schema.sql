-- Name: tarih; Type: SCHEMA; Schema: -; Owner: -

CREATE SCHEMA tarih;

-- Name: append(text, boolean, boolean, boolean, text[], text[], text[], bytea[], integer[], integer[], text[], text[], text[], text[], text[], bigint[], bigint[], bigint[], bigint[], text[], text[], text[], bigint[], bigint[], boolean[], text[], integer[], text[], text[], integer[], text[], integer[], text[], integer[], integer[], text[], integer[], text[], text[], integer[], text[], bigint[]); Type: FUNCTION; Schema: tarih; Owner: -

CREATE FUNCTION tarih.append(p_ledger text, p_dry_run boolean, p_plain boolean, p_single boolean, r_by text[], r_scope text[], r_key text[], r_fingerprint bytea[], r_last integer[], e_request integer[], e_id text[], e_claim text[], e_action text[], e_content text[], e_type text[], e_starts_earliest bigint[], e_starts_latest bigint[], e_ends_earliest bigint[], e_ends_latest bigint[], e_members text[], e_timelines text[], e_merged text[], e_reported_earliest bigint[], e_reported_latest bigint[], e_late boolean[], e_named text[], a_event integer[], a_actor text[], a_role text[], w_event integer[], w_publisher text[], t_event integer[], t_relationship text[], t_nth integer[], p_event integer[], p_claim text[], q_event integer[], q_claim text[], q_demand text[], x_request integer[], x_relationship text[], x_revision bigint[]) RETURNS TABLE(request integer, outcome text, first_position bigint, last_position bigint, recorded_us bigint, digest bytea, detail json)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
#variable_conflict use_column
DECLARE
    unbounded_past CONSTANT bigint := -9223372036854775808;
    still_open CONSTANT bigint := 9223372036854775807;
    v_requests integer;
    v_events integer;
    v_first integer := 1;
    v_mode text;
    v_head bigint;
    v_last timestamptz;
    v_digest bytea;
    v_generation smallint;
    v_base timestamptz;
    v_base_us bigint;
    v_known boolean;
    v_unmet boolean;
    v_merges boolean;
    v_row record;
    v_ends jsonb;
    r_outcome text[];
    r_detail jsonb[];
    r_problems jsonb[];
    r_number integer[];
    r_payload bytea[];
    r_digest bytea[];
    e_new integer[];
    e_revisions jsonb[];
    t_revision bigint[];
    c_claim text[];
BEGIN
    SELECT h.position, h.recorded_at, h.digest, h.generation, cardinality(r_by), cardinality(e_request)
    INTO v_head, v_last, v_digest, v_generation, v_requests, v_events
    FROM tarih.heads AS h WHERE h.ledger = p_ledger FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'TA404', MESSAGE = 'no such ledger';
    END IF;

    -- Whether ids are known, claims are other than a new one wants them, or any actor is merged: what needs a closer look.
    -- The clock is read under the lock: whoever commits later is later. Batches are a microsecond apart.
    SELECT
        EXISTS (
            SELECT FROM generate_series(1, v_events) AS e (i)
            CROSS JOIN LATERAL (
                -- A range and an order, so that no other index looks as good while the table has no statistics yet.
                SELECT FROM tarih.events AS o
                WHERE o.ledger = p_ledger AND o.event_id BETWEEN e_id[e.i] AND e_id[e.i] ORDER BY o.event_id LIMIT 1
            ) AS o
        ),
        EXISTS (
            SELECT FROM generate_series(1, cardinality(q_event)) AS q (i)
            LEFT JOIN LATERAL (
                SELECT c.claim FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.claim = q_claim[q.i] LIMIT 1
            ) AS c ON true
            WHERE q_demand[q.i] <> 'absent' OR c.claim IS NOT NULL
        ),
        EXISTS (SELECT FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.merged IS NOT NULL),
        greatest(clock_timestamp(), v_last + interval '1 microsecond')
    INTO v_known, v_unmet, v_merges, v_base;

    IF p_dry_run OR NOT p_plain OR v_known OR v_unmet OR v_merges THEN
        r_outcome := array_fill(NULL::text, ARRAY[v_requests]);
        r_detail := array_fill(NULL::jsonb, ARRAY[v_requests]);
        r_problems := r_detail;

        -- Ids come first: a retry is answered as the first time, whatever has happened since.
        IF v_known THEN
            SELECT
                array_agg(CASE WHEN s.known = 0 THEN NULL WHEN s.known = s.total AND s.same THEN 'repeated' ELSE 'refused' END
                    ORDER BY s.request),
                array_agg(s.found ORDER BY s.request)
            INTO r_outcome, r_detail
            FROM (
                SELECT e.request, count(*) AS total, count(o.position) AS known, bool_and(o.content::text = e.content) AS same,
                    jsonb_agg(jsonb_build_object('problem', 'id', 'event', e.i, 'position', o.position,
                        'same', o.content::text = e.content) ORDER BY e.i) FILTER (WHERE o.position IS NOT NULL) AS found
                FROM unnest(e_request, e_id, e_content) WITH ORDINALITY AS e (request, id, content, i)
                LEFT JOIN LATERAL (
                    SELECT o.position, o.content FROM tarih.events AS o
                    WHERE o.ledger = p_ledger AND o.event_id BETWEEN e.id AND e.id ORDER BY o.event_id LIMIT 1
                ) AS o ON true
                GROUP BY e.request
            ) AS s;
        END IF;

        -- An Idempotency-Key that was answered gets that answer again; its twin in flight waited above for the lock.
        IF r_key <> '{}' THEN
            FOR v_row IN
                SELECT k.i, o.fingerprint = k.fingerprint AS same, o.positions
                FROM unnest(r_by, r_key, r_fingerprint) WITH ORDINALITY AS k (caller, key, fingerprint, i)
                CROSS JOIN LATERAL (
                    SELECT o.fingerprint, o.positions FROM tarih.idempotency AS o
                    WHERE o.ledger = p_ledger AND o.caller = k.caller AND o.idempotency_key = k.key LIMIT 1
                ) AS o
            LOOP
                r_outcome[v_row.i] := CASE WHEN v_row.same THEN 'repeated' ELSE 'refused' END;
                r_detail[v_row.i] := CASE WHEN v_row.same THEN jsonb_build_object('positions', v_row.positions)
                    ELSE '[{"problem": "key"}]' END;
            END LOOP;
        END IF;

        -- What stands against each request.
        IF x_request <> '{}' THEN
            FOR v_row IN
                SELECT x.request, jsonb_build_object('problem', 'revision', 'relationship', x.relationship,
                    'expected', x.revision, 'actual', coalesce(r.revision, 0)) AS problem
                FROM unnest(x_request, x_relationship, x_revision) WITH ORDINALITY AS x (request, relationship, revision, i)
                LEFT JOIN LATERAL (
                    SELECT r.revision FROM tarih.relationships AS r
                    WHERE r.ledger = p_ledger AND r.relationship = x.relationship LIMIT 1
                ) AS r ON true
                WHERE CASE x.revision
                    WHEN -1 THEN coalesce(r.revision, 0) > 0
                    WHEN -2 THEN coalesce(r.revision, 0) = 0
                    ELSE coalesce(r.revision, 0) <> x.revision
                END
                ORDER BY x.i
            LOOP
                r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
            END LOOP;
        END IF;
        IF v_unmet THEN
            FOR v_row IN
                SELECT e_request[q.event] AS request, jsonb_build_object('problem', 'demand', 'requirement', q.i) AS problem
                FROM unnest(q_event, q_claim, q_demand) WITH ORDINALITY AS q (event, claim, demand, i)
                LEFT JOIN LATERAL (
                    SELECT c.claim, c.retraction, c.expectation, c.fulfilled_by FROM tarih.claims AS c
                    WHERE c.ledger = p_ledger AND c.claim = q.claim LIMIT 1
                ) AS c ON true
                WHERE CASE q.demand
                    WHEN 'absent' THEN c.claim IS NOT NULL
                    WHEN 'present' THEN c.claim IS NULL
                    WHEN 'standing' THEN c.retraction IS NOT NULL
                    WHEN 'retracted' THEN c.claim IS NOT NULL AND c.retraction IS NULL
                    WHEN 'expectation' THEN NOT c.expectation
                    WHEN 'fact' THEN c.expectation
                    WHEN 'unfulfilled' THEN c.fulfilled_by IS NOT NULL
                END
                ORDER BY q.i
            LOOP
                r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
            END LOOP;
        END IF;
        IF v_merges THEN
            FOR v_row IN
                SELECT e_request[n.event] AS request, jsonb_build_object('problem', 'merged', 'event', n.event,
                    'actor', n.actor, 'claim', c.claim) AS problem
                FROM (
                    SELECT a.event, a.actor FROM unnest(a_event, a_actor) AS a (event, actor)
                    UNION
                    SELECT t.event, m.actor FROM unnest(t_event, t_relationship) AS t (event, relationship)
                    CROSS JOIN LATERAL unnest(string_to_array(t.relationship, '--')) AS m (actor)
                ) AS n
                CROSS JOIN LATERAL (
                    SELECT c.claim FROM tarih.claims AS c
                    WHERE c.ledger = p_ledger AND c.merged = n.actor AND c.claim <> e_claim[n.event]
                        AND (c.retraction IS NULL OR EXISTS (
                            -- Or it is reinstated just before, in the same batch.
                            SELECT FROM unnest(e_request, e_claim, e_action) WITH ORDINALITY AS r (request, claim, action, i)
                            WHERE r.claim = c.claim AND r.action = 'reinstate' AND r.i < n.event
                                AND r.request = e_request[n.event]
                        ))
                    LIMIT 1
                ) AS c
                ORDER BY n.event, n.actor
            LOOP
                r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
            END LOOP;
        END IF;
        IF e_merged <> '{}' THEN
            FOR v_row IN
                SELECT e_request[g.event] AS request, jsonb_build_object('problem', 'merge-within', 'event', g.event,
                    'relationship', r.relationship) AS problem
                FROM (
                    SELECT a.event, array_agg(a.actor) AS actors FROM unnest(a_event, a_actor) AS a (event, actor)
                    WHERE e_merged[a.event] IS NOT NULL GROUP BY a.event
                ) AS g
                CROSS JOIN LATERAL (
                    SELECT r.relationship FROM tarih.relationships AS r
                    WHERE r.ledger = p_ledger AND string_to_array(r.relationship, '--') @> g.actors LIMIT 1
                ) AS r
                ORDER BY g.event
            LOOP
                r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
            END LOOP;
        END IF;
        -- From here on also what each event touches by what its claim belonged to before.
        IF p_event <> '{}' THEN
            SELECT coalesce(array_agg(s.event ORDER BY s.event, s.relationship), '{}'),
                coalesce(array_agg(s.relationship ORDER BY s.event, s.relationship), '{}')
            INTO t_event, t_relationship
            FROM (
                SELECT t.event, t.relationship COLLATE "C" AS relationship
                FROM unnest(t_event, t_relationship) AS t (event, relationship)
                UNION
                SELECT p.event, m.timeline
                FROM unnest(p_event, p_claim) AS p (event, claim)
                CROSS JOIN LATERAL (
                    SELECT c.timelines FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.claim = p.claim LIMIT 1
                ) AS c
                CROSS JOIN LATERAL unnest(c.timelines) AS m (timeline)
                WHERE position('--' IN m.timeline) > 0
            ) AS s;
        END IF;
        IF r_scope <> '{}' THEN
            FOR v_row IN
                SELECT e_request[k.event] AS request, jsonb_build_object('problem', 'outside', 'event', k.event) AS problem
                FROM (
                    SELECT e.i AS event, NULL AS relationship FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
                    WHERE r_scope[e.request] IS NOT NULL
                    UNION ALL
                    SELECT k.event, k.relationship FROM unnest(t_event, t_relationship) AS k (event, relationship)
                    WHERE r_scope[e_request[k.event]] IS NOT NULL
                ) AS k
                GROUP BY k.event
                HAVING bool_or(k.relationship = r_scope[e_request[k.event]]) IS NOT TRUE
                ORDER BY k.event
            LOOP
                r_problems[v_row.request] := coalesce(r_problems[v_row.request], '[]') || v_row.problem;
            END LOOP;
        END IF;
        FOR i IN 1 .. cardinality(r_problems) LOOP
            IF r_outcome[i] IS NULL AND r_problems[i] IS NOT NULL THEN
                r_outcome[i] := 'refused';
                r_detail[i] := r_problems[i];
            END IF;
        END LOOP;

        IF p_dry_run OR array_position(r_outcome, NULL) IS NULL THEN
            RETURN QUERY
            SELECT s.i::integer, coalesce(s.outcome, 'acceptable'), NULL::bigint, NULL::bigint, NULL::bigint, NULL::bytea,
                s.detail::json
            FROM unnest(r_outcome, r_detail) WITH ORDINALITY AS s (outcome, detail, i);
            RETURN;
        END IF;
        IF array_remove(r_outcome, NULL) <> '{}' THEN
            RETURN QUERY
            SELECT s.i::integer, s.outcome, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bytea, s.detail::json
            FROM unnest(r_outcome, r_detail) WITH ORDINALITY AS s (outcome, detail, i)
            WHERE s.outcome IS NOT NULL;
            -- From here on it is as if the others had come alone: all is numbered anew.
            SELECT array_agg(s.i::integer ORDER BY s.i) INTO r_number
            FROM unnest(r_outcome) WITH ORDINALITY AS s (outcome, i) WHERE s.outcome IS NULL;
            SELECT array_agg(CASE WHEN s.stays THEN s.nth END ORDER BY s.i) INTO e_new
            FROM (
                SELECT e.i, r_outcome[e.request] IS NULL AS stays,
                    count(*) FILTER (WHERE r_outcome[e.request] IS NULL) OVER (ORDER BY e.i) AS nth
                FROM unnest(e_request) WITH ORDINALITY AS e (request, i)
            ) AS s;
            SELECT array_agg(r_by[r.n] ORDER BY r.n), array_agg(r_key[r.n] ORDER BY r.n),
                array_agg(r_fingerprint[r.n] ORDER BY r.n), array_agg(e_new[r_last[r.n]] ORDER BY r.n), count(*)
            INTO r_by, r_key, r_fingerprint, r_last, v_requests
            FROM unnest(r_number) AS r (n);
            SELECT array_agg(array_position(r_number, e_request[e.i]) ORDER BY e.i), array_agg(e_id[e.i] ORDER BY e.i),
                array_agg(e_claim[e.i] ORDER BY e.i), array_agg(e_action[e.i] ORDER BY e.i),
                array_agg(e_content[e.i] ORDER BY e.i), array_agg(e_type[e.i] ORDER BY e.i),
                array_agg(e_starts_earliest[e.i] ORDER BY e.i), array_agg(e_starts_latest[e.i] ORDER BY e.i),
                array_agg(e_ends_earliest[e.i] ORDER BY e.i), array_agg(e_ends_latest[e.i] ORDER BY e.i),
                array_agg(e_members[e.i] ORDER BY e.i), array_agg(e_timelines[e.i] ORDER BY e.i),
                array_agg(e_merged[e.i] ORDER BY e.i), array_agg(e_reported_earliest[e.i] ORDER BY e.i),
                array_agg(e_reported_latest[e.i] ORDER BY e.i), array_agg(e_late[e.i] ORDER BY e.i),
                array_agg(e_named[e.i] ORDER BY e.i), count(*)
            INTO e_request, e_id, e_claim, e_action, e_content, e_type, e_starts_earliest, e_starts_latest, e_ends_earliest,
                e_ends_latest, e_members, e_timelines, e_merged, e_reported_earliest, e_reported_latest, e_late, e_named, v_events
            FROM generate_series(1, v_events) AS e (i) WHERE e_new[e.i] IS NOT NULL;
            SELECT coalesce(array_agg(e_new[a_event[a.i]] ORDER BY a.i), '{}'),
                coalesce(array_agg(a_actor[a.i] ORDER BY a.i), '{}'), coalesce(array_agg(a_role[a.i] ORDER BY a.i), '{}')
            INTO a_event, a_actor, a_role
            FROM generate_series(1, cardinality(a_event)) AS a (i) WHERE e_new[a_event[a.i]] IS NOT NULL;
            SELECT coalesce(array_agg(e_new[w_event[w.i]] ORDER BY w.i), '{}'),
                coalesce(array_agg(w_publisher[w.i] ORDER BY w.i), '{}')
            INTO w_event, w_publisher
            FROM generate_series(1, cardinality(w_event)) AS w (i) WHERE e_new[w_event[w.i]] IS NOT NULL;
            SELECT coalesce(array_agg(e_new[t_event[k.i]] ORDER BY k.i), '{}'),
                coalesce(array_agg(t_relationship[k.i] ORDER BY k.i), '{}')
            INTO t_event, t_relationship
            FROM generate_series(1, cardinality(t_event)) AS k (i) WHERE e_new[t_event[k.i]] IS NOT NULL;
        END IF;
        IF p_event <> '{}' OR r_number IS NOT NULL THEN
            p_single := false;
            SELECT coalesce(array_agg(s.nth ORDER BY s.i), '{}') INTO t_nth
            FROM (
                SELECT t.i, row_number() OVER (PARTITION BY t.relationship COLLATE "C" ORDER BY t.i) AS nth
                FROM unnest(t_relationship) WITH ORDINALITY AS t (relationship, i)
            ) AS s;
        END IF;
    END IF;

    -- Digests: each batch's is over the one before and its events.
    v_base_us := (extract(epoch FROM v_base) * 1000000)::bigint;
    r_payload := ARRAY(
        SELECT int8send(v_head + e.i) || int8send(v_base_us + e_request[e.i] - 1)
            || int4send(octet_length(e_id[e.i])) || convert_to(e_id[e.i], 'UTF8')
            || int4send(octet_length(e_content[e.i])) || convert_to(e_content[e.i], 'UTF8')
        FROM generate_series(1, v_events) AS e (i)
    );
    FOR i IN 1 .. v_requests LOOP
        IF r_last[i] = v_first THEN
            v_digest := sha256(v_digest || r_payload[v_first]);
        ELSE
            SELECT sha256(v_digest || string_agg(r_payload[e.i], '' ORDER BY e.i)) INTO v_digest
            FROM generate_series(v_first, r_last[i]) AS e (i);
        END IF;
        r_digest[i] := v_digest;
        v_first := r_last[i] + 1;
    END LOOP;
    INSERT INTO tarih.batches (ledger, last_position, first_position, recorded_at, digest)
    SELECT p_ledger, v_head + r_last[b.i], v_head + coalesce(r_last[b.i - 1], 0) + 1,
        v_base + (b.i - 1) * interval '1 microsecond', r_digest[b.i]
    FROM generate_series(1, v_requests) AS b (i);

    -- Revisions: each relationship counts the events that touch it.
    t_revision := ARRAY(
        SELECT t_nth[t.i] + coalesce((
            SELECT r.revision FROM tarih.relationships AS r
            WHERE r.ledger = p_ledger AND r.relationship = t_relationship[t.i] LIMIT 1
        ), 0)
        FROM generate_series(1, cardinality(t_event)) AS t (i)
    );
    IF NOT p_single THEN
        SELECT array_agg(s.revisions ORDER BY s.event) INTO e_revisions
        FROM (
            SELECT t.event, coalesce(jsonb_object_agg(t.relationship, t.revision) FILTER (WHERE t.revision IS NOT NULL), '{}')
                AS revisions
            FROM (
                SELECT e.i AS event, NULL::text AS relationship, NULL::bigint AS revision
                FROM generate_series(1, v_events) AS e (i)
                UNION ALL
                SELECT t.event, t.relationship, t.revision
                FROM unnest(t_event, t_relationship, t_revision) AS t (event, relationship, revision)
            ) AS t
            GROUP BY t.event
        ) AS s;
    END IF;

    INSERT INTO tarih.events (ledger, position, event_id, claim, action, type, recorded_at, recorded_by, content,
        starts_earliest, starts_latest, ends_earliest, ends_latest, members, reported_earliest, reported_latest, revisions)
    SELECT p_ledger, v_head + e.i, e_id[e.i], e_claim[e.i], e_action[e.i], e_type[e.i],
        v_base + (e_request[e.i] - 1) * interval '1 microsecond', r_by[e_request[e.i]], e_content[e.i]::json,
        e_starts_earliest[e.i], e_starts_latest[e.i], e_ends_earliest[e.i], e_ends_latest[e.i], e_members[e.i]::bigint[],
        e_reported_earliest[e.i], e_reported_latest[e.i],
        CASE WHEN p_single THEN jsonb_build_object(t_relationship[e.i], t_revision[e.i]) ELSE e_revisions[e.i] END
    FROM generate_series(1, v_events) AS e (i);

    INSERT INTO tarih.memberships (ledger, relationship, revision, position, claim)
    SELECT p_ledger, t_relationship[t.i], t_revision[t.i], v_head + t_event[t.i], e_claim[t_event[t.i]]
    FROM generate_series(1, cardinality(t_event)) AS t (i);

    INSERT INTO tarih.relationships AS r (ledger, relationship, revision, first_position, last_position)
    SELECT p_ledger, t_relationship[t.i], max(t_revision[t.i]), v_head + min(t_event[t.i]), v_head + max(t_event[t.i])
    FROM generate_series(1, cardinality(t_event)) AS t (i)
    GROUP BY t_relationship[t.i]
    ON CONFLICT (ledger, relationship) DO UPDATE
    SET revision = excluded.revision, last_position = excluded.last_position;

    INSERT INTO tarih.parties (ledger, actor, position, role)
    SELECT p_ledger, a_actor[a.i], v_head + a_event[a.i], a_role[a.i]
    FROM generate_series(1, cardinality(a_event)) AS a (i);

    -- New claims, as their first event left them.
    INSERT INTO tarih.claims (ledger, claim, expectation, content_position, rank_day, words, timelines, merged)
    SELECT p_ledger, e_claim[e.i], e_action[e.i] = 'expect', v_head + e.i, coalesce(e_reported_latest[e.i], unbounded_past),
        '{}', string_to_array(e_timelines[e.i], ' '), e_merged[e.i]
    FROM generate_series(1, v_events) AS e (i)
    WHERE e_action[e.i] IN ('assert', 'expect');
    INSERT INTO tarih.claim_versions (ledger, generation, timeline, claim, from_position, to_position, content_position, type,
        starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, words)
    SELECT p_ledger, v_generation, unnest(string_to_array(e_timelines[e.i], ' ')), e_claim[e.i], v_head + e.i, still_open,
        v_head + e.i, e_type[e.i], e_starts_earliest[e.i], e_starts_latest[e.i], e_ends_earliest[e.i], e_ends_latest[e.i],
        e_action[e.i] = 'expect', '{}'
    FROM generate_series(1, v_events) AS e (i)
    WHERE e_action[e.i] IN ('assert', 'expect');

    IF NOT p_plain THEN
        -- Claims acted on. A content's day is the greatest reported so far; a late one keeps its own, and loses to a greater
        -- one in force. Words count from the content in force on.
        IF array_remove(array_remove(e_action, 'assert'), 'expect') <> '{}' THEN
            -- In a large group, how many there are decides how to join.
            IF v_events > 1000 THEN
                v_mode := set_config('plan_cache_mode', 'force_custom_plan', true);
            END IF;
            SELECT array_agg(s.claim ORDER BY s.claim), jsonb_object_agg(s.claim, s.position) INTO c_claim, v_ends
            FROM (
                SELECT e.claim, v_head + max(e.i) AS position
                FROM unnest(e_claim, e_action) WITH ORDINALITY AS e (claim, action, i)
                WHERE e.action NOT IN ('assert', 'expect')
                GROUP BY e.claim
            ) AS s;
            WITH ev AS (
                SELECT e.claim, e.action, e.i, v_head + e.i AS position, e.timelines, e.merged, e.late, e.named,
                    coalesce(e.reported, unbounded_past) AS own
                FROM unnest(e_claim, e_action, e_timelines, e_merged, e_late, e_named, e_reported_latest)
                    WITH ORDINALITY AS e (claim, action, timelines, merged, late, named, reported, i)
                WHERE e.action NOT IN ('assert', 'expect')
            ), best AS (
                SELECT DISTINCT ON (s.claim) s.claim, s.i, s.position, s.day, s.timelines, s.merged
                FROM (
                    SELECT e.claim, e.i, e.position, e.timelines, e.merged, o.rank_day,
                        CASE WHEN e.late THEN e.own
                            ELSE greatest(o.rank_day, max(e.own) OVER (PARTITION BY e.claim ORDER BY e.i)) END AS day
                    FROM ev AS e
                    CROSS JOIN LATERAL (
                        SELECT c.rank_day FROM tarih.claims AS c WHERE c.ledger = p_ledger AND c.claim = e.claim LIMIT 1
                    ) AS o
                    WHERE e.action = 'correct'
                ) AS s
                WHERE s.day >= s.rank_day
                ORDER BY s.claim, s.day DESC, s.i DESC
            ), said AS (
                SELECT e.claim, jsonb_object_agg(w.publisher, jsonb_build_array(e.action, e.position) ORDER BY e.i) AS words
                FROM unnest(w_event, w_publisher) AS w (event, publisher)
                JOIN ev AS e ON e.i = w.event
                LEFT JOIN best AS b ON b.claim = e.claim
                WHERE b.i IS NULL OR e.i > b.i
                GROUP BY e.claim
            ), done AS (
                SELECT e.claim, bool_or(e.action IN ('retract', 'reinstate')) AS moved,
                    (array_agg(CASE e.action WHEN 'retract' THEN e.position END ORDER BY e.i DESC)
                        FILTER (WHERE e.action IN ('retract', 'reinstate')))[1] AS retraction,
                    (array_agg(e.named ORDER BY e.i DESC) FILTER (WHERE e.action = 'fulfil'))[1] AS fulfilled_by
                FROM ev AS e
                GROUP BY e.claim
            ), what AS (
                SELECT d.claim, d.moved, d.retraction, d.fulfilled_by, b.position, b.day,
                    string_to_array(b.timelines, ' ') AS timelines, b.merged, s.words
                FROM done AS d
                LEFT JOIN best AS b ON b.claim = d.claim
                LEFT JOIN said AS s ON s.claim = d.claim
            )
            INSERT INTO tarih.claims AS c (ledger, claim, expectation, retraction, fulfilled_by, content_position, rank_day,
                words, timelines, merged)
            SELECT p_ledger, w.claim, o.expectation, CASE WHEN w.moved THEN w.retraction ELSE o.retraction END,
                coalesce(w.fulfilled_by, o.fulfilled_by), coalesce(w.position, o.content_position), coalesce(w.day, o.rank_day),
                CASE WHEN w.position IS NULL THEN o.words ELSE '{}' END || coalesce(w.words, '{}'),
                coalesce(w.timelines, o.timelines), CASE WHEN w.position IS NULL THEN o.merged ELSE w.merged END
            FROM what AS w
            CROSS JOIN LATERAL (
                SELECT * FROM tarih.claims AS o WHERE o.ledger = p_ledger AND o.claim = w.claim LIMIT 1
            ) AS o
            ON CONFLICT (ledger, claim) DO UPDATE
            SET retraction = excluded.retraction, fulfilled_by = excluded.fulfilled_by,
                content_position = excluded.content_position, rank_day = excluded.rank_day, words = excluded.words,
                timelines = excluded.timelines, merged = excluded.merged;

            -- The version that was open ends there, and what stands now begins.
            UPDATE tarih.claim_versions AS v SET to_position = (v_ends ->> v.claim)::bigint
            WHERE v.ledger = p_ledger AND v.generation = v_generation AND v.claim = ANY (c_claim) AND v.to_position = still_open;
            INSERT INTO tarih.claim_versions (ledger, generation, timeline, claim, from_position, to_position, content_position,
                type, starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, retraction, fulfilled_by, words)
            SELECT p_ledger, v_generation, t.timeline, c.claim, (v_ends ->> c.claim)::bigint, still_open, c.content_position,
                e.type, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest, c.expectation, c.retraction,
                c.fulfilled_by, c.words
            FROM tarih.claims AS c
            CROSS JOIN LATERAL (
                SELECT e.type, e.starts_earliest, e.starts_latest, e.ends_earliest, e.ends_latest FROM tarih.events AS e
                WHERE e.ledger = p_ledger AND e.position BETWEEN c.content_position AND c.content_position
                ORDER BY e.position LIMIT 1
            ) AS e
            CROSS JOIN LATERAL unnest(c.timelines) AS t (timeline)
            WHERE c.ledger = p_ledger AND c.claim = ANY (c_claim);
        END IF;

        IF r_key <> '{}' THEN
            INSERT INTO tarih.idempotency (ledger, caller, idempotency_key, fingerprint, positions, created_at)
            SELECT p_ledger, k.caller, k.key, k.fingerprint,
                ARRAY(
                    SELECT v_head + e.i FROM generate_series(coalesce(r_last[k.i - 1], 0) + 1, r_last[k.i]) AS e (i) ORDER BY e.i
                ), v_base
            FROM unnest(r_by, r_key, r_fingerprint) WITH ORDINALITY AS k (caller, key, fingerprint, i)
            WHERE k.key IS NOT NULL;
        END IF;
    END IF;

    UPDATE tarih.heads AS h SET position = v_head + v_events, digest = v_digest,
        recorded_at = v_base + (v_requests - 1) * interval '1 microsecond'
    WHERE h.ledger = p_ledger;

    IF p_single AND v_requests = v_events THEN
        RETURN QUERY
        SELECT s.i, 'recorded', v_head + s.i, v_head + s.i, v_base_us + s.i - 1, r_digest[s.i],
            json_build_object(t_relationship[s.i], t_revision[s.i])
        FROM generate_series(1, v_requests) AS s (i);
        RETURN;
    END IF;
    RETURN QUERY
    SELECT coalesce(r_number[s.i], s.i), 'recorded', v_head + coalesce(r_last[s.i - 1], 0) + 1, v_head + r_last[s.i],
        v_base_us + s.i - 1, r_digest[s.i], coalesce(g.revisions, '{}')
    FROM generate_series(1, v_requests) AS s (i)
    LEFT JOIN (
        -- What is there twice is read as its last, and revisions rise.
        SELECT t.request, json_object_agg(t.relationship, t.revision ORDER BY t.i) AS revisions
        FROM (
            SELECT t.i, e_request[t_event[t.i]] AS request, t_relationship[t.i] AS relationship, t_revision[t.i] AS revision
            FROM generate_series(1, cardinality(t_event)) AS t (i)
        ) AS t
        GROUP BY t.request
    ) AS g ON g.request = s.i;
END
$$;

-- Name: refresh_statistics(); Type: FUNCTION; Schema: tarih; Owner: -

CREATE FUNCTION tarih.refresh_statistics() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    ANALYZE tarih.events, tarih.batches, tarih.memberships, tarih.parties, tarih.relationships, tarih.claims,
        tarih.claim_versions;
$$;

-- Name: alembic_version; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.alembic_version (
    version_num character varying(32) NOT NULL
);

-- Name: batches; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.batches (
    ledger text NOT NULL COLLATE pg_catalog."C",
    last_position bigint NOT NULL,
    first_position bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT batch_is_a_range CHECK (((first_position > 0) AND (first_position <= last_position)))
);

-- Name: claim_versions; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.claim_versions (
    ledger text NOT NULL COLLATE pg_catalog."C",
    generation smallint NOT NULL,
    timeline text NOT NULL COLLATE pg_catalog."C",
    claim text NOT NULL COLLATE pg_catalog."C",
    from_position bigint NOT NULL,
    to_position bigint NOT NULL,
    content_position bigint NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    starts_earliest bigint NOT NULL,
    starts_latest bigint NOT NULL,
    ends_earliest bigint NOT NULL,
    ends_latest bigint NOT NULL,
    expectation boolean NOT NULL,
    retraction bigint,
    fulfilled_by text COLLATE pg_catalog."C",
    words jsonb NOT NULL,
    CONSTRAINT version_is_a_range CHECK ((from_position < to_position))
);

-- Name: claims; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.claims (
    ledger text NOT NULL COLLATE pg_catalog."C",
    claim text NOT NULL COLLATE pg_catalog."C",
    expectation boolean NOT NULL,
    retraction bigint,
    fulfilled_by text COLLATE pg_catalog."C",
    content_position bigint NOT NULL,
    rank_day bigint NOT NULL,
    words jsonb NOT NULL,
    timelines text[] NOT NULL,
    merged text COLLATE pg_catalog."C"
);

-- Name: events; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.events (
    ledger text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    event_id text NOT NULL COLLATE pg_catalog."C",
    claim text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    type text COLLATE pg_catalog."C",
    recorded_at timestamp with time zone NOT NULL,
    recorded_by text NOT NULL,
    content json NOT NULL,
    starts_earliest bigint,
    starts_latest bigint,
    ends_earliest bigint,
    ends_latest bigint,
    members bigint[],
    reported_earliest bigint,
    reported_latest bigint,
    revisions jsonb NOT NULL,
    CONSTRAINT action_is_known CHECK ((action = ANY (ARRAY['assert'::text, 'correct'::text, 'retract'::text, 'reinstate'::text, 'confirm'::text, 'deny'::text, 'expect'::text, 'fulfil'::text]))),
    CONSTRAINT bounds_are_in_order CHECK (((starts_earliest <= starts_latest) AND (ends_earliest <= ends_latest))),
    CONSTRAINT content_has_type_and_bounds CHECK (((action = ANY (ARRAY['assert'::text, 'expect'::text, 'correct'::text])) = (num_nonnulls(type, starts_earliest, starts_latest, ends_earliest, ends_latest) = 5))),
    CONSTRAINT position_is_counted CHECK (("position" > 0)),
    CONSTRAINT reported_is_in_order CHECK ((((reported_earliest IS NULL) = (reported_latest IS NULL)) AND (reported_earliest <= reported_latest)))
);

-- Name: heads; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.heads (
    ledger text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone,
    digest bytea NOT NULL,
    generation smallint NOT NULL,
    epoch uuid NOT NULL,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    restored_from text,
    CONSTRAINT digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT head_is_counted CHECK ((("position" >= 0) AND (("position" = 0) = (recorded_at IS NULL))))
)
WITH (fillfactor='50');

-- Name: idempotency; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.idempotency (
    ledger text NOT NULL COLLATE pg_catalog."C",
    caller text NOT NULL COLLATE pg_catalog."C",
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    positions bigint[] NOT NULL,
    created_at timestamp with time zone NOT NULL
);

-- Name: keys; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.keys (
    key_id text NOT NULL COLLATE pg_catalog."C",
    hash bytea NOT NULL,
    label text NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_by text,
    revoked_by text,
    CONSTRAINT hash_is_sha256 CHECK ((octet_length(hash) = 32))
);

-- Name: ledgers; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.ledgers (
    ledger text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    public_read boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_is_a_slug CHECK (((ledger ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (octet_length(ledger) <= 64)))
);

-- Name: memberships; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.memberships (
    ledger text NOT NULL COLLATE pg_catalog."C",
    relationship text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    "position" bigint NOT NULL,
    claim text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT revision_is_counted CHECK ((revision > 0))
);

-- Name: parties; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.parties (
    ledger text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C"
);

-- Name: relationships; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.relationships (
    ledger text NOT NULL COLLATE pg_catalog."C",
    relationship text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL
)
WITH (fillfactor='50');

-- Name: secrets; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.secrets (
    name text NOT NULL COLLATE pg_catalog."C",
    value bytea NOT NULL,
    CONSTRAINT secret_is_256_bits CHECK ((octet_length(value) = 32))
);

-- Name: types; Type: TABLE; Schema: tarih; Owner: -

CREATE TABLE tarih.types (
    ledger text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    title text NOT NULL,
    schema json NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT kind_is_known CHECK ((kind = ANY (ARRAY['occurrence'::text, 'state'::text])))
);

-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

-- Name: batches batch_times_rise; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.batches
    ADD CONSTRAINT batch_times_rise UNIQUE (ledger, recorded_at);

-- Name: batches batches_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (ledger, last_position);

-- Name: claim_versions claim_versions_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.claim_versions
    ADD CONSTRAINT claim_versions_pkey PRIMARY KEY (ledger, generation, claim, timeline, from_position);

-- Name: claims claims_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (ledger, claim);

-- Name: events event_ids_are_unique; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.events
    ADD CONSTRAINT event_ids_are_unique UNIQUE (ledger, event_id);

-- Name: events events_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (ledger, "position");

-- Name: heads heads_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.heads
    ADD CONSTRAINT heads_pkey PRIMARY KEY (ledger);

-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (ledger, caller, idempotency_key);

-- Name: keys key_hashes_are_unique; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.keys
    ADD CONSTRAINT key_hashes_are_unique UNIQUE (hash);

-- Name: keys keys_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (key_id);

-- Name: ledgers ledgers_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.ledgers
    ADD CONSTRAINT ledgers_pkey PRIMARY KEY (ledger);

-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (ledger, relationship, "position");

-- Name: parties parties_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.parties
    ADD CONSTRAINT parties_pkey PRIMARY KEY (ledger, actor, "position", role);

-- Name: relationships relationships_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.relationships
    ADD CONSTRAINT relationships_pkey PRIMARY KEY (ledger, relationship);

-- Name: secrets secrets_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);

-- Name: types types_pkey; Type: CONSTRAINT; Schema: tarih; Owner: -

ALTER TABLE ONLY tarih.types
    ADD CONSTRAINT types_pkey PRIMARY KEY (ledger, type);

-- Name: claim_versions_by_date; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claim_versions_by_date ON tarih.claim_versions USING btree (ledger, generation, timeline, starts_earliest, starts_latest, content_position);

-- Name: claim_versions_of_actors; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claim_versions_of_actors ON tarih.claim_versions USING btree (ledger, generation, type, from_position) WHERE (type = ANY (ARRAY['actor'::text, 'actor-merge'::text]));

-- Name: claim_versions_of_actors_that_ended; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claim_versions_of_actors_that_ended ON tarih.claim_versions USING btree (ledger, generation, type, to_position) WHERE ((type = ANY (ARRAY['actor'::text, 'actor-merge'::text])) AND (to_position < '9223372036854775807'::bigint));

-- Name: claim_versions_on_a_timeline; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claim_versions_on_a_timeline ON tarih.claim_versions USING btree (ledger, generation, timeline, to_position, from_position);

-- Name: claim_versions_retracted; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claim_versions_retracted ON tarih.claim_versions USING btree (ledger, generation, timeline, from_position) WHERE (retraction IS NOT NULL);

-- Name: claims_that_merge; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX claims_that_merge ON tarih.claims USING btree (ledger, merged) WHERE (merged IS NOT NULL);

-- Name: events_by_claim; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX events_by_claim ON tarih.events USING btree (ledger, claim, "position");

-- Name: events_by_platform; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX events_by_platform ON tarih.events USING btree (ledger, (((content -> 'data'::text) ->> 'platform'::text)) COLLATE "C", "position") WHERE (type = ANY (ARRAY['acquisition'::text, 'delivery'::text, 'operation'::text, 'entry-into-service'::text, 'order'::text, 'combat-use'::text, 'unveiling'::text, 'flight-trial'::text]));

-- Name: events_by_whole; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX events_by_whole ON tarih.events USING btree (ledger, (((content -> 'data'::text) ->> 'part_of'::text)) COLLATE "C", "position") WHERE (type = 'actor'::text);

-- Name: relationships_by_member; Type: INDEX; Schema: tarih; Owner: -

CREATE INDEX relationships_by_member ON tarih.relationships USING gin (string_to_array(((ledger || '/'::text) || replace(relationship, '--'::text, (('--'::text || ledger) || '/'::text))), '--'::text)) WITH (fastupdate=off);

-- Name: SCHEMA tarih; Type: ACL; Schema: -; Owner: -

GRANT USAGE ON SCHEMA tarih TO tarih_service;

-- Name: FUNCTION append(p_ledger text, p_dry_run boolean, p_plain boolean, p_single boolean, r_by text[], r_scope text[], r_key text[], r_fingerprint bytea[], r_last integer[], e_request integer[], e_id text[], e_claim text[], e_action text[], e_content text[], e_type text[], e_starts_earliest bigint[], e_starts_latest bigint[], e_ends_earliest bigint[], e_ends_latest bigint[], e_members text[], e_timelines text[], e_merged text[], e_reported_earliest bigint[], e_reported_latest bigint[], e_late boolean[], e_named text[], a_event integer[], a_actor text[], a_role text[], w_event integer[], w_publisher text[], t_event integer[], t_relationship text[], t_nth integer[], p_event integer[], p_claim text[], q_event integer[], q_claim text[], q_demand text[], x_request integer[], x_relationship text[], x_revision bigint[]); Type: ACL; Schema: tarih; Owner: -

REVOKE ALL ON FUNCTION tarih.append(p_ledger text, p_dry_run boolean, p_plain boolean, p_single boolean, r_by text[], r_scope text[], r_key text[], r_fingerprint bytea[], r_last integer[], e_request integer[], e_id text[], e_claim text[], e_action text[], e_content text[], e_type text[], e_starts_earliest bigint[], e_starts_latest bigint[], e_ends_earliest bigint[], e_ends_latest bigint[], e_members text[], e_timelines text[], e_merged text[], e_reported_earliest bigint[], e_reported_latest bigint[], e_late boolean[], e_named text[], a_event integer[], a_actor text[], a_role text[], w_event integer[], w_publisher text[], t_event integer[], t_relationship text[], t_nth integer[], p_event integer[], p_claim text[], q_event integer[], q_claim text[], q_demand text[], x_request integer[], x_relationship text[], x_revision bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION tarih.append(p_ledger text, p_dry_run boolean, p_plain boolean, p_single boolean, r_by text[], r_scope text[], r_key text[], r_fingerprint bytea[], r_last integer[], e_request integer[], e_id text[], e_claim text[], e_action text[], e_content text[], e_type text[], e_starts_earliest bigint[], e_starts_latest bigint[], e_ends_earliest bigint[], e_ends_latest bigint[], e_members text[], e_timelines text[], e_merged text[], e_reported_earliest bigint[], e_reported_latest bigint[], e_late boolean[], e_named text[], a_event integer[], a_actor text[], a_role text[], w_event integer[], w_publisher text[], t_event integer[], t_relationship text[], t_nth integer[], p_event integer[], p_claim text[], q_event integer[], q_claim text[], q_demand text[], x_request integer[], x_relationship text[], x_revision bigint[]) TO tarih_service;

-- Name: FUNCTION refresh_statistics(); Type: ACL; Schema: tarih; Owner: -

REVOKE ALL ON FUNCTION tarih.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION tarih.refresh_statistics() TO tarih_service;

-- Name: TABLE alembic_version; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT ON TABLE tarih.alembic_version TO tarih_service;

-- Name: TABLE batches; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT ON TABLE tarih.batches TO tarih_service;

-- Name: TABLE claim_versions; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tarih.claim_versions TO tarih_service;

-- Name: TABLE claims; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tarih.claims TO tarih_service;

-- Name: TABLE events; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT ON TABLE tarih.events TO tarih_service;

-- Name: TABLE heads; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE tarih.heads TO tarih_service;

-- Name: TABLE idempotency; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,DELETE ON TABLE tarih.idempotency TO tarih_service;

-- Name: TABLE keys; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE tarih.keys TO tarih_service;

-- Name: TABLE ledgers; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,UPDATE ON TABLE tarih.ledgers TO tarih_service;

-- Name: TABLE memberships; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT ON TABLE tarih.memberships TO tarih_service;

-- Name: TABLE parties; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT ON TABLE tarih.parties TO tarih_service;

-- Name: TABLE relationships; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE tarih.relationships TO tarih_service;

-- Name: TABLE secrets; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT ON TABLE tarih.secrets TO tarih_service;

-- Name: TABLE types; Type: ACL; Schema: tarih; Owner: -

GRANT SELECT,INSERT ON TABLE tarih.types TO tarih_service;
