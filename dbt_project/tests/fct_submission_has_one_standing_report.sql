-- Units for which none or several of the accepted reports stand that came before their stage closed
select
    unit_code,
    period,
    form
from {{ ref('fct_submission') }}
where
    submission_state in ('standing', 'superseded')
    and {{ changed_periods_filter('period') }}
group by unit_code, period, form
having sum(case when is_standing then 1 else 0 end) <> 1
