-- The change-over to 方案B "from the cumulative total" (C3): what a file's papers gave while there
-- was no 方案B becomes available, once a version and file. Papers belong to files, so that merged
-- ones can part again.

-- Whether a version switches 方案B on after one without it, and lets earlier points count.
CREATE FUNCTION points_changes_over(version scheme_scheme) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT version.published_at IS NOT NULL AND version.plan_b
       AND version.redemption_start = 'cumulative'
       AND NOT coalesce((
           SELECT plan_b FROM scheme_scheme before
            WHERE before.published_at IS NOT NULL
              AND before.effective_from < version.effective_from
            ORDER BY before.effective_from DESC LIMIT 1), true)
$$;

-- What is left of a file's papers from before the version, and can't be spent yet. Legacy points
-- count only where the setting says so (C2).
CREATE FUNCTION points_carried_over(file bigint, version scheme_scheme) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT (coalesce(sum(entry.cumulative_delta - entry.available_delta), 0) - (
               SELECT coalesce(sum(earlier.available_delta), 0)
                 FROM scheme_scheme old JOIN points_pointsentry earlier
                   ON earlier.reference = format('changeover:%s:%s', old.id, file)
                WHERE old.effective_from < version.effective_from))::bigint
      FROM (SELECT reference FROM points_receipt WHERE patient_id = file
            UNION ALL
            SELECT refund.reference FROM points_refund refund
              JOIN points_receipt paid ON paid.id = receipt_id WHERE patient_id = file
            UNION ALL
            SELECT correction.reference FROM points_correction correction
              JOIN points_receipt paid ON paid.id = receipt_id WHERE patient_id = file
            UNION ALL
            SELECT reference FROM points_legacybalance
             WHERE patient_id = file AND NOT rejected AND EXISTS (
                   SELECT FROM scheme_scheme counting
                    WHERE counting.effective_from <= version.effective_from
                      AND counting.legacy_counts_as_available
                      AND points_changes_over(counting))) paper
      JOIN points_pointsentry entry USING (reference)
      JOIN scheme_scheme own ON own.id = entry.scheme_id
     WHERE own.effective_from < version.effective_from
$$;

-- Whether an entry of an earlier version's points comes after its file's change-over, as known
-- at a moment.
CREATE FUNCTION points_is_carried_over(entry points_pointsentry, known_at timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    file bigint;
    versions bigint[] := ARRAY(
        SELECT later.id FROM scheme_scheme own
          JOIN scheme_scheme later ON later.effective_from > own.effective_from
         WHERE own.id = entry.scheme_id AND later.redemption_start = 'cumulative'
           AND (entry.kind <> 'opening' OR later.legacy_counts_as_available)
           AND points_changes_over(later));
BEGIN
    IF cardinality(versions) = 0 THEN
        RETURN false;
    END IF;
    SELECT patient_id INTO file FROM (
        SELECT patient_id FROM points_receipt WHERE reference = entry.reference
        UNION ALL
        SELECT patient_id FROM points_refund refund
          JOIN points_receipt paid ON paid.id = receipt_id
         WHERE refund.reference = entry.reference
        UNION ALL
        SELECT patient_id FROM points_correction correction
          JOIN points_receipt paid ON paid.id = receipt_id
         WHERE correction.reference = entry.reference
        UNION ALL
        SELECT patient_id FROM points_legacybalance
         WHERE reference = entry.reference AND NOT rejected) paper;
    RETURN EXISTS (
        SELECT FROM unnest(versions) AS later (id) JOIN points_pointsentry over
            ON over.reference = format('changeover:%s:%s', later.id, file)
         WHERE over.recorded_at < known_at);
END $$;

-- A change-over moves exactly what is left, on the account that holds the file's points, at the
-- moment from which its version is in force.
CREATE FUNCTION points_expect_changeover(entry points_pointsentry) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    file bigint := substring(entry.reference FROM '^changeover:\d{1,18}:(\d{1,18})$')::bigint;
    version scheme_scheme;
BEGIN
    -- No paper of the file comes in meanwhile.
    PERFORM FROM points_pointsaccount WHERE patient_id = entry.account_id FOR UPDATE;
    SELECT * INTO version FROM scheme_scheme WHERE id = entry.scheme_id;
    IF NOT coalesce(points_changes_over(version), false) OR file IS NULL
       OR entry.reference <> format('changeover:%s:%s', version.id, file)
       OR entry.occurred_at <> version.effective_from::timestamp AT TIME ZONE 'Asia/Shanghai'
       OR entry.available_delta <> points_carried_over(file, version) OR NOT EXISTS (
          SELECT FROM members_patient
           WHERE id = file AND coalesce(merged_into_id, id) = entry.account_id) THEN
        PERFORM points_refuse('points_entry_matches_changeover',
                              '转入的可用积分与启用方案B以前的积分不符');
    END IF;
END $$;
