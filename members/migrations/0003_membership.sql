-- The guard as 0003 left it.
CREATE OR REPLACE FUNCTION members_membership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (NEW.id, NEW.patient_id, NEW.number, NEW.enrolled_at, NEW.joined_on, NEW.imported_in_id)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.patient_id, OLD.number, OLD.enrolled_at, OLD.joined_on, OLD.imported_in_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '会员资格为实名终生制，不能删除、换号或转移'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_is_for_life';
END $$;
