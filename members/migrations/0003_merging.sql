-- Two files of one person (C40): who asked, who decided and what came of it is never rewritten,
-- and where a file's merged_into points follows from the merges that hold, and from nothing else.

CREATE FUNCTION members_refuse(name text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = name, MESSAGE = sentence;
END $$;

-- The file that stands for a person: the end of the way through the merges that hold.
CREATE FUNCTION members_root(file bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE way(id) AS (
        SELECT file
        UNION
        SELECT merge.kept_id FROM way JOIN members_filemerge merge ON merge.absorbed_id = way.id
         WHERE merge.merged_at IS NOT NULL AND merge.undone_at IS NULL
    )
    SELECT id FROM way WHERE NOT EXISTS (
        SELECT FROM members_filemerge merge WHERE merge.absorbed_id = way.id
           AND merge.merged_at IS NOT NULL AND merge.undone_at IS NULL)
$$;

CREATE FUNCTION members_approved(approval bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT decision = 'approve' FROM staff_approval WHERE id = approval), false)
$$;

CREATE FUNCTION members_waits(approval bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM staff_approval
                    WHERE id = approval AND decided_at IS NULL AND withdrawn_at IS NULL)
$$;

CREATE FUNCTION members_filemerge_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two requests about the same two files wait for each other here.
    PERFORM FROM members_patient WHERE id IN (NEW.kept_id, NEW.absorbed_id)
      ORDER BY id FOR UPDATE;
    IF (NEW.merged_at, NEW.undo_approval_id, NEW.undone_at) IS DISTINCT FROM
       (NULL::timestamptz, NULL::bigint, NULL::timestamptz) THEN
        PERFORM members_refuse('file_merge_by_approval', '合并和撤销须先经审批同意');
    END IF;
    IF EXISTS (SELECT FROM members_filemerge merge
                WHERE least(merge.kept_id, merge.absorbed_id) = least(NEW.kept_id, NEW.absorbed_id)
                  AND greatest(merge.kept_id, merge.absorbed_id)
                      = greatest(NEW.kept_id, NEW.absorbed_id)
                  AND merge.merged_at IS NULL AND members_waits(merge.approval_id)) THEN
        PERFORM members_refuse('file_merge_asked_once', '这两份档案的合并申请正在等待审批');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER members_filemerge_asked
    BEFORE INSERT ON members_filemerge
    FOR EACH ROW EXECUTE FUNCTION members_filemerge_asked();

-- A row only ever gains: the day of the merge, then a request to take it back (another one once
-- that was refused or withdrawn), then the day it was taken back.
CREATE FUNCTION members_filemerge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    merged boolean;
    undone boolean;
    asked boolean;
BEGIN
    IF TG_OP <> 'UPDATE' OR OLD.undone_at IS NOT NULL
       OR (NEW.id, NEW.kept_id, NEW.absorbed_id, NEW.reason, NEW.approval_id)
          IS DISTINCT FROM (OLD.id, OLD.kept_id, OLD.absorbed_id, OLD.reason, OLD.approval_id)
       OR OLD.merged_at IS NOT NULL AND NEW.merged_at IS DISTINCT FROM OLD.merged_at THEN
        PERFORM members_refuse('file_merge_is_history', '合并记录不能修改或删除');
    END IF;
    merged := OLD.merged_at IS NULL AND NEW.merged_at IS NOT NULL;
    undone := NEW.undone_at IS NOT NULL;
    asked := (NEW.undo_approval_id, NEW.undo_reason)
             IS DISTINCT FROM (OLD.undo_approval_id, OLD.undo_reason);
    IF merged AND NOT members_approved(NEW.approval_id)
       OR undone AND (asked OR NOT members_approved(NEW.undo_approval_id)) THEN
        PERFORM members_refuse('file_merge_by_approval', '合并和撤销须先经审批同意');
    END IF;
    IF asked AND (members_waits(OLD.undo_approval_id) OR members_approved(OLD.undo_approval_id)
                  OR NEW.undo_approval_id IS NOT DISTINCT FROM OLD.undo_approval_id) THEN
        PERFORM members_refuse('file_merge_is_history', '合并记录不能修改或删除');
    END IF;
    IF merged OR undone THEN
        PERFORM FROM members_patient WHERE id IN (NEW.kept_id, NEW.absorbed_id)
          ORDER BY id FOR UPDATE;
        IF EXISTS (SELECT FROM members_filemerge merge WHERE merge.absorbed_id = NEW.kept_id
                      AND merge.merged_at IS NOT NULL AND merge.undone_at IS NULL) THEN
            PERFORM members_refuse('file_merge_kept_is_root',
                                   '保留的档案已并入另一份档案，请先撤销之后的合并');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER members_filemerge_guard
    BEFORE UPDATE OR DELETE ON members_filemerge
    FOR EACH ROW EXECUTE FUNCTION members_filemerge_guard();
CREATE TRIGGER members_filemerge_no_truncate
    BEFORE TRUNCATE ON members_filemerge
    FOR EACH STATEMENT EXECUTE FUNCTION members_filemerge_guard();

-- At the latest when the transaction commits, each file points where the merges lead.
CREATE FUNCTION members_files_follow_merges() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := CASE WHEN TG_TABLE_NAME = 'members_patient'
                           THEN (to_jsonb(NEW)->>'id')::bigint
                           ELSE (to_jsonb(NEW)->>'absorbed_id')::bigint END;
BEGIN
    IF EXISTS (
        WITH RECURSIVE below(id) AS (
            SELECT changed
            UNION
            SELECT merge.absorbed_id FROM below
              JOIN members_filemerge merge ON merge.kept_id = below.id
             WHERE merge.merged_at IS NOT NULL AND merge.undone_at IS NULL
        )
        SELECT FROM below JOIN members_patient patient USING (id)
         WHERE coalesce(patient.merged_into_id, patient.id)
               IS DISTINCT FROM members_root(patient.id)) THEN
        PERFORM members_refuse('patient_follows_merges', '档案并入哪一份，只能由批准的合并决定');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER members_patient_opened_unmerged
    AFTER INSERT ON members_patient DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (new.merged_into_id IS NOT NULL)
    EXECUTE FUNCTION members_files_follow_merges();
CREATE CONSTRAINT TRIGGER members_patient_follows_merges
    AFTER UPDATE ON members_patient DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (old.merged_into_id IS DISTINCT FROM new.merged_into_id)
    EXECUTE FUNCTION members_files_follow_merges();
CREATE CONSTRAINT TRIGGER members_filemerge_followed
    AFTER UPDATE ON members_filemerge DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION members_files_follow_merges();

-- That two files are two people is said once and stays said.
CREATE FUNCTION members_distinct_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_refuse('distinct_files_is_history', '“不是同一人”的登记不能修改或删除');
    RETURN NULL;
END $$;

CREATE TRIGGER members_distinct_guard
    BEFORE UPDATE OR DELETE ON members_distinctfiles
    FOR EACH ROW EXECUTE FUNCTION members_distinct_guard();
CREATE TRIGGER members_distinct_no_truncate
    BEFORE TRUNCATE ON members_distinctfiles
    FOR EACH STATEMENT EXECUTE FUNCTION members_distinct_guard();
