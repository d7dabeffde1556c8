-- What several streets list: a street has its own claims, a committee those of all streets below it, by claimant.
-- Who decided, and names of people, are not told.
select
    above.above_code as unit_code,
    claims.claim_id as claim,
    claims.thing_kind as kind,
    claims.unit_code as code,
    claims.unit_name as name,
    claims.thing_name as thing,
    claims.key_basis as basis,
    claims.since_period as since,
    claims.last_period as last,
    claims.first_listed_period as first_listed,
    claims.last_listed_period as last_listed,
    claims.is_current,
    claims.claimant_count,
    claims.state,
    claims.state_zh,
    claims.deciding_unit_name as decider,
    claims.decision,
    claims.decided_unit_code = claims.unit_code as is_winner,
    claims.remedy_zh as remedy
from marts.mart_claim as claims
inner join document_above as above using (unit_code)
order by above.above_code, claims.is_current desc, claims.state desc, claims.since_period desc, claims.claim_id,
    claims.unit_code
