// Makes the server a replica set of its own and gives it documents; the second time it only asks whether it is ready.
try {
  rs.status();
} catch (notYet) {
  rs.initiate({_id: 'rs0', members: [{_id: 0, host: 'documents:27017'}]});
}
if (!db.hello().isWritablePrimary) {
  quit(1);
}
const shop = db.getSiblingDB('shop');
if (shop.customers.estimatedDocumentCount() === 0) {
  const cities = ['Lisbon', 'Oslo', 'Kraków', null];
  const customers = [];
  for (let i = 1; i <= 5000; i++) {
    const customer = {name: 'customer ' + i, email: 'customer' + i + '@example.org'};
    if (i % 5 !== 0) {
      customer.address = {city: cities[i % 4], zip: String(10000 + i)};
    }
    customers.push(customer);
  }
  shop.customers.insertMany(customers);
}
