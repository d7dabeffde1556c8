-- 街道报告的领导到会，上级有记录吗？
-- Are the leaders whom streets saw at their meetings known above?
select
    period,
    count(*) filter (where state = 'matched') as matched,
    count(*) filter (where state = 'meeting_without_visit') as only_street_knows,
    count(*) filter (where state = 'visit_without_meeting') as only_committee_knows,
    count(*) filter (where state like 'one_side%') as other_side_not_reported
from marts.mart_leader_attendance
group by period
order by period
