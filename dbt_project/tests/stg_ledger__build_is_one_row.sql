-- A build without, or with two, instants as of which it is told
select count(*) as row_count
from {{ ref('stg_ledger__build') }}
having count(*) <> 1
