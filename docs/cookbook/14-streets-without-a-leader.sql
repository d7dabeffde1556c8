-- 哪些街道没有领导联系？从哪一季度起？
-- Which streets have no leader linked to them, and in which quarters?
select
    unit_name,
    district_committee_name as committee,
    string_agg(period, ', ' order by period) filter (where state = 'uncovered') as quarters_without,
    max(linked_leader_count) as most_leaders
from marts.mart_street_coverage
group by unit_code, unit_name, district_committee_name
having count(*) filter (where state = 'uncovered') > 0
order by unit_code
